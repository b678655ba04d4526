"""Telemetry from the broker into the database: acknowledged only after the commit."""
