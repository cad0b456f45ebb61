"""Faces by code: who somebody is, how a head is turned and drawn, and what is around it."""
