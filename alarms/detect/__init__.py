"""The program ``detect``: telemetry and motion through the core, judgements into an alarm lane of its own."""
