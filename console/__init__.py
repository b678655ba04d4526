"""What people and programs see: the operator console, the API, the live feed, the command line."""
