"""What must be true at every moment, one file per promise."""
