"""Means and covariances."""
