"""Pictures by code: animals, objects, and what is behind and before them."""
