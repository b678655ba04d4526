"""Falls out of motion windows: features, a learned model, and stages that a carer can read."""
