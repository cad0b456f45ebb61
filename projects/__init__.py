"""The projects: one room each, all of one shape."""
