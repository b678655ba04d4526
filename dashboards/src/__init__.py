"""Builders of the Grafana dashboards: Python and SQL in, classic dashboard JSON out. See dashboards/README.md."""
