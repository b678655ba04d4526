"""``anxin doctor``: what is up, what is slow, what to do."""
