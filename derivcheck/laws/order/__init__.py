"""Inequalities: what a term is never less, or never more, than."""
