"""Finite sums and products with symbolic bounds."""
