"""Who lives and works in the home, one file each. An actor is begun once and plans its own life."""
