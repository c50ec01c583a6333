"""Signs that join expressions: relations, products, tensor products.

Main definitions: `SIGNS`, `TIMES`, `TENSORS`, `DOTS`.
"""

from derivcheck.terms.term import Sign

SIGNS: dict[str, Sign] = {
    "=": "=", "<": "<", ">": ">", r"\leq": "<=", r"\le": "<=", r"\geq": ">=", r"\ge": ">=", r"\neq": "!=",
    r"\ne": "!=", r"\lt": "<", r"\gt": ">", r"\leqslant": "<=", r"\geqslant": ">=", r"\propto": "propto",
    r"\approx": "approx", r"\simeq": "approx", r"\sim": "sim", r"\iff": "iff", r"\Leftrightarrow": "iff",
    r"\Longleftrightarrow": "iff", r"\leftrightarrow": "iff", r"\implies": "implies", r"\Rightarrow": "implies",
    r"\Longrightarrow": "implies", r"\to": "to", r"\rightarrow": "to", r"\longrightarrow": "to", ":=": ":=",
    r"\coloneqq": ":=", r"\triangleq": ":=", r"\equiv": "=", r"\in": "in",
}  # fmt: skip
TIMES = frozenset({r"\cdot", "*", r"\times", ".", r"\cdotp"})
TENSORS = {
    r"\otimes": "kron",
    r"\bigotimes": "kron",
    r"\odot": "hadamard",
    r"\bigodot": "hadamard",
    r"\circ": "hadamard",
}
DOTS = frozenset({r"\dots", r"\ldots", r"\cdots", r"\dotsc", r"\dotsb", r"\dotsm", "..."})
