"""PostgreSQL, with TimescaleDB or without: migrations, binary COPY, pool."""
