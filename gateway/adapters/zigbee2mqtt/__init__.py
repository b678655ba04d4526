"""Devices behind Zigbee2MQTT."""
