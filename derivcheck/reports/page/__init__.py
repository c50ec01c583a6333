"""The parts of the HTML page: mathematics, prose, and the way relations stand beside them."""
