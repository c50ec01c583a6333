"""Pictures: the one place that draws. One kind of picture per file."""
