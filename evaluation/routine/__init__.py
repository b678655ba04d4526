"""What notes about the routine are worth: how often noise makes one, and how soon a true change does."""
