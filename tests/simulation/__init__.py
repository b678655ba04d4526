"""A seeded simulation of a whole home around the real alarm engine, on virtual time (docs/simulation.md)."""
