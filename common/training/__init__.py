"""Fitting a Keras model: optimizers, callbacks, resume."""
