"""Floor plans: pictures that are safe to show, a grid where there is none, what stands where."""
