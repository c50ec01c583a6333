"""Empirical statements about trained models, as data: judged over seeds with a control, or of submitted arrays."""
