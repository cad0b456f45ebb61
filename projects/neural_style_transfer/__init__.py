"""A picture in the style of another, by optimisation and by a trained network."""
