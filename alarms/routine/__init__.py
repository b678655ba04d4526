"""Draws up residents' routine once a day from the stored history, and keeps notes about it."""
