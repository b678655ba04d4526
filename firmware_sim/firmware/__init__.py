"""Models of device firmware, pure: ``now`` and a seeded generator in, native messages out."""
