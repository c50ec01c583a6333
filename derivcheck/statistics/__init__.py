"""Verdicts from samples: claims with a tolerance, sequential looks, both error rates bounded.

Why: a fixed-sample test has no power statement and a test that stops when it likes what it sees has no level.
Looks k = 1..K at n_k = first 2^k draws spend alpha geometrically (the last look has half of it), so a gross
error stops at the first look and a true claim costs little more than one fixed test. No torch here.
"""
