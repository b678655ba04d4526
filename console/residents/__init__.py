"""What a person at the desk needs to know of a resident."""
