"""Judgements become alarms, alarms reach people: core, lifecycle, engine, journal, notify."""
