"""Random exact worlds: every symbol has a value, every integral is a finite sum, both sides are numbers."""
