"""The journal as tables of PostgreSQL, for history, reports and Grafana."""
