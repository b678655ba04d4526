"""Fires and what is mistaken for them, from heat release to what each detector senses; docs/fire-physics.md.

Pure numpy. Shapes: n scenes, s seconds. Ranges of every parameter are in ``ranges.toml``.
"""
