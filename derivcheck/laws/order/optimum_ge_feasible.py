r"""No feasible member does better than the optimum."""

from __future__ import annotations

from derivcheck.laws._law import Context, Example, Law
from derivcheck.terms.substitute import rebuild
from derivcheck.terms.term import Call, Density, Node, Symbol, Term


def _rewrite(t: Term, context: Context) -> Term | None:
    for o in context.signature.optima:
        if o.optimum.kind not in ("max", "argmax") or not o.feasible or o.name not in t.names:
            continue
        return renamed(t, o.name, o.feasible[0])
    return None


def renamed(t: Term, old: str, new: str, index: tuple[Term, ...] = ()) -> Term:
    """A term with a density or function replaced by another member of its family."""
    made = rebuild(t, lambda c: renamed(c, old, new, index))
    if isinstance(made, Density) and made.name == old:
        return Density(new, made.event, made.given, index)
    if isinstance(made, Symbol) and made.name == old:
        return Symbol(new, index)
    if isinstance(made, Call) and made.function == old:
        return Call(new, made.arguments, index)
    return made


_BOUND = {
    "variables": ["x", "z"],
    "densities": [r"p_\theta(x,z)", "q(z|x)"],
    "definitions": [r"\mathcal{L}(\theta, q; x_i) = \mathbb{E}_{q(z|x_i)}[\log p_\theta(x_i,z) - \log q(z|x_i)]"],
    "optima": [
        {"optimum": r"q_i^* = \arg\max_{q \in \mathcal{Q}} \mathcal{L}(\theta, q; x_i)", "feasible": [r"q_\phi^*"]},
        r"q_\phi^* = \arg\max_{q \in \mathcal{Q}} \sum_{i=1}^{n} \mathcal{L}(\theta, q; x_i)",
    ],
}

LAW = Law(
    statement=r"\max_q L(q) \geq L(q') \text{ for a feasible } q'",
    source="Boyd & Vandenberghe (2004), Convex Optimization, section 4.1.1: definition of an optimal point",
    on=(Node,),
    rewrite=_rewrite,
    sign=">=",
    holds=(
        Example(r"\mathcal{L}(\theta, q_i^*; x_i)", _BOUND, r"\mathcal{L}(\theta, q_\phi^*; x_i)"),
        Example(r"\mathcal{L}(\theta, q_i^*; x_i) + 1", _BOUND),
    ),
)
