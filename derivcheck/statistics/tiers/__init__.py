"""One tier per file: confidence sets, from exact to asymptotic."""
