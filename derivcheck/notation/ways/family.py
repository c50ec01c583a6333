r"""Named families: `\mathcal{N}(x; m, S)`, `\mathcal{N}(x|m,S)`, `\mathcal{N}(0, I)`, Bernoulli, uniform, categorical."""

from __future__ import annotations

from typing import TYPE_CHECKING

from derivcheck.notation.declaration import Notation
from derivcheck.notation.names import split_at
from derivcheck.notation.resolve import scripted
from derivcheck.notation.signs import DOTS
from derivcheck.notation.ways.name import bar_at
from derivcheck.notation.writer import ATOM, SUM, Written, commas, put
from derivcheck.syntax.tree import Fence, Leaf, Scripted
from derivcheck.terms.term import FamilyDensity, Term

if TYPE_CHECKING:
    from derivcheck.notation.reader import Reader

# how it is written -> family, and how many parameters it has
_FAMILIES: dict[str, tuple[str, int]] = {
    r"\mathcal{N}": ("gaussian", 2), "N": ("gaussian", 2), "Normal": ("gaussian", 2),
    "Gaussian": ("gaussian", 2),
    "Bernoulli": ("bernoulli", 1), "Bern": ("bernoulli", 1), "Ber": ("bernoulli", 1), r"\mathcal{B}": ("bernoulli", 1),
    r"\mathcal{U}": ("uniform", 2), "U": ("uniform", 2), "Uniform": ("uniform", 2),
    "Unif": ("uniform", 2), "Cat": ("categorical", 1), "Categorical": ("categorical", 1),
    "Laplace": ("laplace", 2), "Exp": ("exponential", 1), "Poisson": ("poisson", 1),
    "Exponential": ("exponential", 1), "Dirichlet": ("dirichlet", 1), "Beta": ("beta", 2), "Gamma": ("gamma", 2),
}  # fmt: skip
_WRITTEN = {
    "gaussian": r"\mathcal{N}", "bernoulli": r"\operatorname{Bernoulli}", "uniform": r"\mathcal{U}",
    "categorical": r"\operatorname{Categorical}", "laplace": r"\operatorname{Laplace}",
    "exponential": r"\operatorname{Exponential}", "poisson": r"\operatorname{Poisson}",
    "dirichlet": r"\operatorname{Dirichlet}", "beta": r"\operatorname{Beta}", "gamma": r"\operatorname{Gamma}",
}  # fmt: skip
_LETTERS = frozenset({"N", "U"})


def _read(r: Reader) -> Term | None:
    item, head = r.item, r.head
    at = r.at + 1
    while at < len(r.items) and r.heads[at] == r"\!":
        at += 1
    node = r.items[at] if at < len(r.items) else None
    fence = node.base if isinstance(node, Scripted) else node
    if isinstance(item, Scripted) or not isinstance(fence, Fence) or r.lexicon.knows(head):
        return None
    if fence.opening not in {"(", "["} | (
        {r"\{"} if head in {r"\mathcal{U}", "Uniform"} else set()
    ):
        return None
    family, count = _FAMILIES[head]
    point_items, rest = _point(fence)
    if len(rest) == 1 and isinstance(rest[0], Fence):  # Uniform(\{1, \dots, T\})
        rest = rest[0].items
    parameters = [run for run in split_at(rest, ",;") if run and r.sub(run).head not in DOTS]
    if family == "uniform" and len(parameters) > 2:
        parameters = [parameters[0], parameters[-1]]
    if head in _LETTERS and len(parameters) != count:
        return None
    if len(parameters) != count:
        r.refuse(
            f"{len(parameters)} parameters of {head}",
            f"it has {count}: write \\mathcal{{N}}(x; m, S)"
            if family == "gaussian"
            else f"it has {count}",
        )
    values = tuple(r.sub(run).row() for run in parameters)
    point = r.sub(point_items).row() if point_items and not _is_dot(point_items) else None
    assert node is not None
    r.at = at + 1
    return scripted(FamilyDensity(family, values, point), node, r)


def _point(fence: Fence) -> tuple[tuple, tuple] | tuple[None, tuple]:  # type: ignore[type-arg]
    """The point before `;` or a bar, and what follows."""
    items = fence.items
    at = next(
        (i for i, item in enumerate(items) if isinstance(item, Leaf) and item.text == ";"), None
    )
    if at is None:
        at = bar_at(items)
    if at is None:
        return None, items
    return items[:at], items[at + 1 :]


def _is_dot(items: tuple) -> bool:  # type: ignore[type-arg]
    return len(items) == 1 and getattr(items[0], "text", "") in {r"\cdot", "."}


def _write(term: FamilyDensity) -> Written:
    name = _WRITTEN.get(term.family, rf"\operatorname{{{term.family.capitalize()}}}")
    point = f"{put(term.point, SUM)}; " if term.point is not None else ""
    return Written(rf"{name}\left({point}{commas(term.parameters)}\right)", ATOM)


NOTATION = Notation(
    what="densities and laws of named families",
    heads=tuple(_FAMILIES),
    read=_read,
    rank=30,
    kinds=(FamilyDensity,),
    write=_write,
    holds=(
        (
            r"\mathcal{N}(x_t | \sqrt{\alpha_t}x_0, (1-\alpha_t)I)",
            r"\mathcal{N}(x_t; \sqrt{\alpha_t} x_0, (1-\alpha_t) I)",
        ),
        (r"\mathcal N(0, \mathbf{I})", r"\mathcal{N}\left(0, I\right)"),
        (r"N(0,1)", r"\mathcal{N}\left(0, 1\right)"),
        (r"\mathrm{Uniform}(\{1,\dots,T\})", r"\mathcal{U}\left(1, T\right)"),
        (r"\mathrm{Bernoulli}(x; y)", r"\operatorname{Bernoulli}\left(x; y\right)"),
        (r"\mathcal{N}(\cdot; 0, I)", r"\mathcal{N}\left(0, I\right)"),
    ),
    refuses=(r"\mathcal{N}(x; \mu, \beta, I)", r"\mathcal{N}(x)", r"\mathcal{N}(x, m, S)"),
)
