"""The box at a site: native messages in, canonical records out, spooled, judged on the spot."""
