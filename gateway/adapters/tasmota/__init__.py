"""Devices with Tasmota firmware."""
