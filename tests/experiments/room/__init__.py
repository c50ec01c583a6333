"""Experiments that show the machinery: one that holds, and one for every way of going wrong."""
