"""Readers of real recordings: one file per data set, arrays in plain units out."""
