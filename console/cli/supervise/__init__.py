"""A small supervisor: child processes with an order, restarts with back-off, one log, and a clean end."""
