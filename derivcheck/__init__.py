"""derivcheck: every relation of a derivation gets a verdict with evidence."""

__version__ = "0.1.0"
