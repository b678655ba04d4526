"""What the electrical rules say of ordinary appliances' recordings."""
