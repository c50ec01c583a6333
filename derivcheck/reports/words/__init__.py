"""How verdicts, numbers and foreign text are put into words, the same in every format."""
