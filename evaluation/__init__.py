"""What the detectors are worth: streamed over recordings of people, counted, with intervals."""
