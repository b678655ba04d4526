"""Channels that tell people: one port, one file per channel."""
