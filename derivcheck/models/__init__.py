"""One trainable reference model per file: its loss from the page, its known truth, controls that must fail."""
