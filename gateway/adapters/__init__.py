"""Native device messages to canonical records, pure: one folder per device family."""
