"""Optima of functionals."""
