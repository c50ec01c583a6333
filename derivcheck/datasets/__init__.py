"""One data set per file: what the reference models are trained on, from the machine alone."""
