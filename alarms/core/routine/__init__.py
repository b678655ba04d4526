"""A resident's routine: what a day was like, what is usual for this person, and notes about what has changed. Pure."""
