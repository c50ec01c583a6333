"""Logarithms and exponentials."""
