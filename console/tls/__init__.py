"""HTTPS: the authority of one's own, certificates that are renewed or replaced, the page by which phones trust them."""
