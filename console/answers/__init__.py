"""What reaches people away from the desk comes back here: answers from links, receipts, and phones put on the list."""
