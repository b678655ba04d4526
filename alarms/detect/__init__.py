"""The program ``detect``: telemetry and motion through the core; judgements leave on an alarm lane of their own."""
