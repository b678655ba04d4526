"""What goes wrong, one file each. A trouble is begun once and comes when it likes, but never into a calm."""
