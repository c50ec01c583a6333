"""Densities of one joint, and divergences as expectations."""
