r"""A variable that the theory computes from others is that computation, where it does not stand for itself."""

from __future__ import annotations

from derivcheck.laws._law import Context, Example, Law
from derivcheck.laws._matching import unfolded_by
from derivcheck.terms.signature import Definition
from derivcheck.terms.term import Symbol, Term


def _rewrite(t: Term, context: Context) -> Term | None:
    assert isinstance(t, Symbol)
    paths = [p for p in context.signature.paths if p.variable.name == t.name and len(p.variable.index) == len(t.index)]
    if not paths or context.held(t):
        return None
    if any(_recursive(p.body, p.variable) for p in paths):
        return None
    roots = {s for p in paths for s in _symbols(p.body) if s.name == t.name}
    if any(context.coincide(r.index, t.index) is not False for r in roots):
        return None
    made = unfolded_by(t, [Definition(p.variable, p.body) for p in paths], context)
    if made is None or any(context.caught(s) for s in _symbols(made)):
        return None
    return made


def _recursive(body: Term, variable: Symbol) -> bool:
    """Whether a path leads from one time to another, not from a root."""
    letters = {n for i in variable.index for n in i.names} - {"T"}
    return any(s.name == variable.name and any(i.names & letters for i in s.index) for s in _symbols(body))


def _symbols(t: Term) -> set[Symbol]:
    own = {t} if isinstance(t, Symbol) else set[Symbol]()
    return own.union(*(_symbols(c) for c in t.children))


_PATH = {
    "variables": [r"x_t \in \mathbb{R}^d", r"\epsilon \in \mathbb{R}^d"],
    "sequences": [r"\alpha_t \in (0,1)"],
    "laws": [r"\epsilon \sim \mathcal{N}(0, I)"],
    "paths": [r"x_t = \sqrt{\alpha_t} x_0 + \sqrt{1-\alpha_t} \epsilon"],
    "conventions": {"t": "2..T-1"},
}

LAW = Law(
    statement=r"x_t = a_t x_0 + b_t \epsilon \text{ where the theory says so}",
    source="Whitehead & Russell (1910), Principia Mathematica, *1: definition; as used in Kingma & Welling (2014), section 2.4",
    on=(Symbol,),
    rewrite=_rewrite,
    holds=(
        Example(r"x_t", _PATH, r"\sqrt{\alpha_t} x_0 + \sqrt{1-\alpha_t} \epsilon"),
        Example(r"\mathbb{E}_{\epsilon}[x_t^\top \epsilon]", _PATH),
    ),
)
