"""What leaves the house, and its re-check in a fresh process."""
