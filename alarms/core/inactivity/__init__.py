"""No sign of life: what a home's people do is told from what the house does, and silence from the usual rhythm."""
