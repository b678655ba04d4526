"""Fire: what a room's detectors say together."""
