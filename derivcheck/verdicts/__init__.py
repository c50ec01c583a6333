"""From evidence to one of: correct, incorrect, undecided, not_checkable."""
