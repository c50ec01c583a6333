"""Of trained models, one figure per file: from named arrays to a picture, readable in grey."""
