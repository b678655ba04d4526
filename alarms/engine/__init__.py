"""The program ``alarms``: records in, journal, lifecycle, then topics, lamps and sends out."""
