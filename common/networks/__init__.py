"""Building blocks of networks that more than one room uses."""
