"""Shelly devices of the second generation and later."""
