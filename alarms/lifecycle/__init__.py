"""The life of an alarm, pure: states, one transition table, deadlines. No clock, no database."""
