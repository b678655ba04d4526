"""The embedded default: broker, database and browser libraries on any machine with Python, without root."""
