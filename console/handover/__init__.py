"""From one shift to the next: what happened, what is open, and what somebody must still do."""
