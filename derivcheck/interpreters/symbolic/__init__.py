r"""The symbolic interpreter: terms to normal forms, equal or not, with a certificate.

Main definitions: `prove`, `Certificate`, `Step`. It shares no formula with the exact interpreter and knows
nothing of values; it proves, and never refutes: None says only that it found no proof.
"""
