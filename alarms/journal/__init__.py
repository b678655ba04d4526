"""The journal: the one durable truth about alarms. SQLite, WAL, synchronous=FULL."""
