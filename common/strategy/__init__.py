"""From a table of predictions to the one thing worth doing next, with its uncertainty."""
