"""Tables that leave the console as files."""
