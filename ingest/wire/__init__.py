"""The canonical wire format, pure: bytes to readings and back. No clock, no network, no settings."""
