"""One question per file, asked of one relation; the answer is evidence."""
