"""What the judgement of fires is worth: on recorded fires, and on simulated ones whose every moment is known."""
