"""Readings in: MQTT and the wire formats, the registry, the store."""
