"""Pictures by code: scenes to be painted, and paintings to take the style of."""
