"""Derivatives: by numbers, columns, matrices, functions, and along flows."""
