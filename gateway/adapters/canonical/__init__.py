"""Devices that speak our own form: SenML, packs, motion windows."""
