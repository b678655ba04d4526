"""Falls: recordings streamed through the run-time detector, event by event (docs/falls.md)."""
