r"""An expectation over a letter is one over the copies of it that its body mentions."""

from __future__ import annotations

from derivcheck.laws._free import mentioned
from derivcheck.laws._law import Context, Example, Law
from derivcheck.terms.term import Expectation, Symbol, SymbolRange, Term


def _rewrite(t: Term, context: Context) -> Term | None:
    assert isinstance(t, Expectation)
    if t.law is not None or t.given:
        return None
    used = mentioned(t.body)
    over: list[Term] = []
    for o in t.over:
        known = context.signature.symbols.get(o.name) if isinstance(o, Symbol) else None
        copies = [x for x in used if isinstance(o, Symbol) and x.name == o.name and x != o]
        if not isinstance(o, Symbol) or o.index or known is None or known.role != "variable" or not copies:
            over.append(o)
            continue
        if any(isinstance(x, SymbolRange) or context.bound(x) for x in copies):
            return None
        over += [*sorted(copies, key=str), *([o] if o in used else [])]
    new = tuple(dict.fromkeys(over))
    return None if new == t.over else Expectation(t.body, new, None)


_E = {
    "variables": [r"x \in \mathbb{R}^d", r"\epsilon_t \in \mathbb{R}^d", r"\epsilon \in \mathbb{R}^d"],
    "laws": [r"\epsilon_t \sim \mathcal{N}(0, I)", r"\epsilon \sim \mathcal{N}(0, I)"],
    "conventions": {"t": "2..T-1"},
}

LAW = Law(
    statement=r"\mathbb{E}_{\epsilon}[f(\epsilon_t)] = \mathbb{E}_{\epsilon_t}[f(\epsilon_t)]",
    source="the convention of Ho, Jain & Abbeel (2020), Denoising Diffusion Probabilistic Models, eq. 12",
    on=(Expectation,),
    rewrite=_rewrite,
    holds=(
        Example(r"\mathbb{E}_{\epsilon}[\|\epsilon_t\|^2]", _E, "d"),
        Example(r"\mathbb{E}_{\epsilon}[\epsilon_t^\top \epsilon]", _E, "0"),
    ),
)
