"""What the judgement of silence is worth: on days as they were, and on days from which people are removed."""
