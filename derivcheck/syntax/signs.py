"""Relation signs: every way of writing one, and what it is."""

from __future__ import annotations

from typing import Literal

Sign = Literal[
    "=", "<=", ">=", "<", ">", "!=", "propto", "approx", "sim", "iff", "implies", "to", ":=", "in"
]

_COMMANDS: dict[Sign, str] = {
    "=": "equiv",
    "<=": "le leq leqslant leqq",
    ">=": "ge geq geqslant geqq",
    "<": "lt",
    ">": "gt",
    "!=": "ne neq",
    "propto": "propto varpropto",
    "approx": "approx simeq approxeq thickapprox",
    "sim": "sim thicksim distas",
    "iff": "iff Leftrightarrow Longleftrightarrow",
    "implies": "implies Rightarrow Longrightarrow",
    "to": "to rightarrow longrightarrow",
    ":=": "coloneqq coloneq triangleq doteq eqdef",
    "in": "in",
}
_CHARACTERS: dict[str, Sign] = {
    "=": "=", "≡": "=", "==": "=", "=:": "=",
    "≤": "<=", "⩽": "<=", "≦": "<=", "<=": "<=", "=<": "<=",
    "≥": ">=", "⩾": ">=", "≧": ">=", ">=": ">=",
    "<": "<", ">": ">", "≠": "!=", "!=": "!=",
    "∝": "propto", "≈": "approx", "≃": "approx", "∼": "sim",
    "⇔": "iff", "⟺": "iff", "<=>": "iff", "⇒": "implies", "⟹": "implies", "=>": "implies",
    "→": "to", "⟶": "to", "->": "to",
    ":=": ":=", "≔": ":=", "≜": ":=", "∈": "in",
}  # fmt: skip
_NAMED: dict[str, Sign] = {
    "\\" + name: sign for sign, names in _COMMANDS.items() for name in names.split()
}
SIGNS: dict[str, Sign] = _CHARACTERS | _NAMED
"""What is written, to the sign it is."""

WEAK: frozenset[Sign] = frozenset({"iff", "implies"})
"""Signs that bind weaker than the others: their sides may be whole relations."""

FOREIGN = frozenset(
    "\\" + name
    for name in [
        "ll",
        "gg",
        "subset",
        "subseteq",
        "supset",
        "supseteq",
        "perp",
        "notin",
        "ni",
        "cong",
        "asymp",
        "prec",
        "succ",
        "preceq",
        "succeq",
        "models",
        "leftarrow",
        "gets",
        "Leftarrow",
        "impliedby",
        "longleftarrow",
        "leftrightarrow",
        "mapsto",
        "longmapsto",
        "lesssim",
        "gtrsim",
        "preccurlyeq",
        "succcurlyeq",
        "vdash",
        "sqsubseteq",
        "hookrightarrow",
        "leadsto",
        "rightsquigarrow",
        "Vdash",
    ]
) | frozenset("≪≫⊂⊆⊃⊇⊥∉≅≺≻⪯⪰←⇐↦⟵≲≳")
"""Relation signs that derivcheck does not judge: they end an expression, and give no relation."""

NEGATED: dict[Sign, Sign] = {"=": "!="}

ARROWS_WITH_LABEL: dict[str, Sign] = {
    "\\xrightarrow": "to",
    "\\xlongrightarrow": "to",
    "\\xRightarrow": "implies",
    "\\xLongrightarrow": "implies",
    "\\xLeftrightarrow": "iff",
    "\\xLongleftrightarrow": "iff",
    "\\xlongequal": "=",
    "\\xlongeq": "=",
}
"""Extensible signs: the label is their argument."""

STACKED = frozenset({"\\overset", "\\stackrel", "\\underset", "\\overunderset", "\\underoverset"})
"""Commands that put a label on the sign in their last argument."""
