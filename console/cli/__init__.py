"""The ``anxin`` command and the supervisor behind ``anxin up``."""
