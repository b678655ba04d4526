"""The family app: what a resident shares with a relative, and what a relative can do."""
