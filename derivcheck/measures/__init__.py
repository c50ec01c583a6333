"""One statistic of named arrays per file: of a trained model's, or of what somebody submits."""
