"""Homes without homes: firmware models, people, fires and recordings that speak the native formats."""
