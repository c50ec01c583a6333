"""One probability family per file."""
