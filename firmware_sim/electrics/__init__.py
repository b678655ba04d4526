"""Electrical faults and everyday loads of one circuit, second by second, with the exact moment of each fault."""
