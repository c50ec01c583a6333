r"""Names, alone or before a bracket: symbols, functions at arguments, densities.

A name before a round bracket is, in this order:
1. a density, if declared as one, or if the bracket holds a single bar and the name is not declared otherwise;
2. a function, if declared as one;
3. a declared quantity: its time argument is dropped (`W(t)`), and so are plain variables (`\mu_\phi(z)` where
   only `\mu_\phi` is declared) unless a matrix stands before a column; else it is a factor of a product;
4. undeclared: p, q, P, Q over plain variables a density; several arguments, a tightened bracket (`\!`), a
   single variable-like argument, or a letter such as f, g, h, D, \sigma: a function; else a product.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from derivcheck.notation.components import entry
from derivcheck.notation.declaration import Notation
from derivcheck.notation.lexicon import base_of
from derivcheck.notation.names import INDEX_LETTERS, NameParts, parts_of, split_at
from derivcheck.notation.resolve import Resolved, is_transpose, raised, resolve, scripted
from derivcheck.notation.shapes import loose_shape
from derivcheck.notation.spelling import applied, spell
from derivcheck.notation.trees import plain
from derivcheck.notation.writer import ATOM, NAME, Written, commas, role_of
from derivcheck.syntax.tree import Fence, Leaf, Scripted, Tree
from derivcheck.terms.signature import Signature, SymbolDeclaration
from derivcheck.terms.term import (
    ELEMENTARY,
    Call,
    Density,
    Derivative,
    Identity,
    Number,
    Symbol,
    SymbolRange,
    Term,
    Unknown,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from derivcheck.notation.reader import Reader

DENSITY_LETTERS = frozenset("pqPQ")
_FUNCTION_LETTERS = frozenset(
    {"f", "g", "h", "F", "G", "D", "s", "u", r"\sigma", r"\varphi", r"\psi", r"\mathcal{L}"}
)
_NO_NAMES = frozenset(
    {
        r"\hat{\mathbb{E}}",
        r"\tilde{\mathbb{E}}",
        r"\mathcal{O}",
        r"\mathbb{E}",
        r"\mathbb{R}",
        r"\mathbb{V}",
    }
)
_PRODUCT_LETTERS = frozenset("ijklmntdT")
_TIMES = frozenset({"t", "s", r"\tau"})


def fence_after(r: Reader) -> tuple[Fence, Tree, bool] | None:
    """The round bracket right after the name at the place: itself, its node with scripts, whether tightened."""
    at, tight = r.at + 1, False
    while at < len(r.items) and r.heads[at] == r"\!":
        at, tight = at + 1, True
    if at >= len(r.items):
        return None
    node = r.items[at]
    fence = node.base if isinstance(node, Scripted) else node
    if isinstance(fence, Fence) and (fence.opening == "(" or (tight and fence.opening == "[")):
        return fence, node, tight
    return None


def bar_at(items: Sequence[Tree]) -> int | None:
    """The place of the bar that separates event and conditions, None if bars are absolute values or absent."""
    places = [
        i
        for i, item in enumerate(items)
        if isinstance(item, Leaf) and item.text == "|" and item.kind == "bar"
    ]
    return places[0] if len(places) % 2 else None


def _read(r: Reader) -> Term | None:
    item = r.item
    if isinstance(item, Leaf) and not _may_name(item, r):
        return None
    parts = parts_of(item)
    if parts is None:
        return None
    if parts.base in _NO_NAMES and not r.lexicon.knows(parts.base):
        r.refuse(f"{parts.base} as a quantity", "declare what it means")
    after = fence_after(r) if parts.brackets is None else (parts.brackets, parts.brackets, False)
    letter = parts.base.rstrip("'") in DENSITY_LETTERS and not parts.word
    barred = after is not None and bar_at(after[0].items) is not None
    found = resolve(parts, r, density=letter or barred)
    if found.run is not None:
        r.take()
        return raised(SymbolRange(found.name, *found.run), parts.above, r)
    if after is not None:
        term = _application(r, parts, found, after[0], after[2], barred=barred)
        if term is not None:
            term = entry(r, term)
            r.take()
            node = after[1]
            if parts.brackets is None:
                while r.head == r"\!":
                    r.take()
                r.take()
                term = scripted(term, node, r)
            return raised(term, parts.above, r)
    r.take()
    return _alone(r, parts, found)


def _may_name(item: Leaf, r: Reader) -> bool:
    r"""Words are no names, but for declared ones, `ELBO`, and `\text{SNR}(t)`."""
    if item.kind in {"letter", "command", "operator"} or r.lexicon.knows(item.text):
        return True
    return item.text == "ELBO" or (
        item.kind == "text" and item.text.isalpha() and fence_after(r) is not None
    )


# --- alone ---------------------------------------------------------------------------------------


def _alone(r: Reader, parts: NameParts, found: Resolved) -> Term:
    name, index, _ = found
    role = r.lexicon.role(name)
    base = base_of(name)
    if role == "density" or (
        role is None and not index and base in {"p", "q"} and base not in r.lexicon.bases
    ):
        return raised(Density(name, (), (), index), parts.above, r)
    if (
        role is None
        and base in {"p", "q"}
        and (parts.mark or not index)
        and r.lexicon.role(base) != "symbol"
    ):
        return raised(Density(name, (), (), index), parts.above, r)
    if (label := _upper_index(r, name, index, parts)) is not None:
        return Symbol(name, (*index, label))
    return raised(entry(r, valued(r, name, index)), parts.above, r)


def valued(r: Reader, name: str, index: tuple[Term, ...]) -> Term:
    """A bare name: a function at the arguments that it was declared with, else a symbol."""
    declared = r.lexicon.functions.get(name)
    if declared is not None and declared.arguments and not r.state.naming:
        return Call(name, declared.arguments, index)
    return Symbol(name, index)


def _upper_index(r: Reader, name: str, index: tuple[Term, ...], parts: NameParts) -> Term | None:
    """`x^j`: an upper index letter on a variable is a label, not an exponent."""
    if len(parts.above) != 1 or is_transpose(parts.above[0]):
        return None
    only = plain(parts.above[0])
    if not (isinstance(only, Leaf) and only.kind == "letter" and only.text in INDEX_LETTERS):
        return None
    declared = r.lexicon.symbols.get(name)
    slots = declared.indices if declared is not None else 0
    if slots > len(index) or (name in set("xyzXYZ") and only.text in {"i", "j"} and not index):
        return r.sub((only,)).row()
    return None


# --- before a bracket ----------------------------------------------------------------------------


def _application(
    r: Reader, parts: NameParts, found: Resolved, fence: Fence, tight: bool, *, barred: bool
) -> Term | None:
    name, index, _ = found
    role = r.lexicon.role(name)
    if role == "density" or (barred and role != "function"):
        return density(r, name, index, fence.items)
    if role == "function":
        return Call(name, arguments(r, fence.items), index)
    if role == "symbol":
        return _of_quantity(r, name, index, fence)
    if role == "index" or name in r.state.bound:
        return None
    if (
        parts.base.endswith("'")
        and not parts.below
        and r.lexicon.role(parts.base[:-1]) == "function"
    ):
        return _primed(r, parts.base[:-1], fence)
    if parts.above and not tight:
        return None
    several = any(isinstance(item, Leaf) and item.text in {",", ";"} for item in fence.items)
    values = arguments(r, fence.items) if fence.items else None
    if values is None:
        return None
    plain_variables = all(_variable_like(value) for value in values)
    if parts.base.rstrip("'") in DENSITY_LETTERS and not parts.word and plain_variables:
        return density(r, name, index, fence.items)
    if several or tight or parts.word:
        return Call(name, values, index)
    if parts.base in _PRODUCT_LETTERS and not parts.below:
        return None
    if plain_variables or (parts.base in _FUNCTION_LETTERS and not isinstance(values[0], Number)):
        return Call(name, values, index)
    return None


def _variable_like(term: Term) -> bool:
    if isinstance(term, Call):
        return term.function not in ELEMENTARY
    return isinstance(term, Symbol | SymbolRange | Density | Number | Unknown | Identity)


def _of_quantity(r: Reader, name: str, index: tuple[Term, ...], fence: Fence) -> Term | None:
    declared = r.lexicon.symbols.get(name)
    only = plain(fence.items[0]) if len(fence.items) == 1 else None
    timed = (
        r.lexicon.has_time if declared is None else declared.time_dependent or r.lexicon.has_time
    )
    if timed and isinstance(only, Leaf):
        if only.text in _TIMES:
            return Symbol(name, index)
        if only.kind == "number":  # W(0): the value at that time, not the running one
            return Call(name, arguments(r, fence.items), index)
    if not fence.items:
        return None
    values = arguments(r, fence.items)
    if len(values) != 1:
        return Symbol(name, index)
    (only_value,) = values
    if _parameter(r, name) and isinstance(only_value, Symbol) and _parameter(r, only_value.name):
        return None  # `b(a)` of two numbers is their product
    like = _variable_like(only_value) and not isinstance(only_value, Number)
    return Symbol(name, index) if like and not _maps(r, name, only_value) else None


def _parameter(r: Reader, name: str) -> bool:
    """Whether a name is declared as one value, which has no arguments."""
    declared = r.lexicon.symbols.get(name)
    return declared is not None and declared.role == "parameter" and not declared.time_dependent


def _maps(r: Reader, name: str, value: Term) -> bool:
    """Whether a matrix stands before a column: then a bracket is a product, `W(x)`."""
    shapes = [loose_shape(part, r.lexicon.signature) for part in (Symbol(name), value)]
    return (
        shapes[0] is not None and len(shapes[0]) == 2 and shapes[1] is not None and bool(shapes[1])
    )


def _primed(r: Reader, name: str, fence: Fence) -> Term:
    values = arguments(r, fence.items)
    if len(values) != 1 or not isinstance(values[0], Symbol):
        r.refuse(
            "a prime on a function of something else than one variable",
            r"write \frac{\partial}{\partial x}",
        )
    return Derivative(Call(name, values), values[0])


def arguments(r: Reader, items: Sequence[Tree]) -> tuple[Term, ...]:
    """What a bracket lists, parameters behind a semicolon included."""
    return tuple(r.sub(items).list(",;")) if items else ()


def density(r: Reader, name: str, index: tuple[Term, ...], items: Sequence[Tree]) -> Density:
    r"""A density from its bracket: event, bar, conditions; parameters behind `;` are dropped."""
    items = split_at(items, ";")[0]
    bar = bar_at(items)
    event = items if bar is None else items[:bar]
    given = () if bar is None else items[bar + 1 :]
    return Density(name, _entries(r, event), _entries(r, given), index)


def _entries(r: Reader, items: Sequence[Tree]) -> tuple[Term, ...]:
    if not items:
        return ()
    only = plain(items[0])
    if len(items) == 1 and isinstance(only, Leaf) and only.text in {r"\cdot", ".", r"\bullet"}:
        return ()
    return tuple(r.sub(items).list())


# --- writing -------------------------------------------------------------------------------------


def _write(term: Symbol | SymbolRange | Density | Call) -> Written:
    if isinstance(term, Symbol):
        return Written(spell(term.name, term.index), NAME if "^" not in term.name else ATOM)
    if isinstance(term, SymbolRange):
        return Written(spell(term.name, (), (term.lower, term.upper)), NAME)
    if isinstance(term, Call):
        forced = base_of(term.function) in DENSITY_LETTERS and role_of(term.function) != "function"
        return Written(
            applied(spell(term.function, term.index, forced=forced), term.arguments), ATOM
        )
    return Written(_write_density(term), ATOM)


def _write_density(term: Density) -> str:
    name = spell(term.name, term.index)
    known = role_of(term.name) == "density"
    if not term.event and not term.given:
        default = base_of(term.name) in {"p", "q"} and (not term.index or "^" in term.name)
        return name if known or default else rf"{name}\!\left(\mid\right)"
    event = commas(term.event)
    if term.given:
        return rf"{name}\!\left({event} \mid {commas(term.given)}\right)"
    natural = base_of(term.name) in DENSITY_LETTERS and all(map(_variable_like, term.event))
    bar = "" if known or natural else r" \mid"
    return rf"{name}\!\left({event}{bar}\right)"


_TIMED = Signature(
    symbols={
        "W": SymbolDeclaration("W", "parameter", ("2", "2"), time_dependent=True),
        "X": SymbolDeclaration("X", "parameter", ("2", "2")),
        "X'": SymbolDeclaration("X'", "parameter", ("2", "2")),
    }
)

NOTATION = Notation(
    what="names with accents, labels, marks and indices; functions and densities at their arguments",
    heads=(":name",),
    read=_read,
    rank=90,
    kinds=(Symbol, SymbolRange, Density, Call),
    write=_write,
    theory=_TIMED,
    holds=(
        (r"\mathbf{x}_t", "x_t"),
        (r"\bar{\alpha_t}", r"\bar{\alpha}_{t}"),
        (r"\bar\alpha_t", r"\bar{\alpha}_{t}"),
        (r"\widetilde\beta_{t-1}", r"\tilde{\beta}_{t-1}"),
        (r"q_i^*(z|x_i)", r"q_{i}^{*}(z \mid x_{i})"),
        (r"W(t)(X+X')", r"W \cdot (X + X')"),
        (r"p(x, z)", r"p\!\left(x, z\right)"),
        (r"P(X|z;\theta)", r"P\!\left(X \mid z\right)"),
        (r"\mu_{x_t}", r"\mu_{x,t}"),
        (r"x^j", r"x_{j}"),
        (r"z^{(k)}", r"z_{k}"),
        (r"D_w(G_\theta(z))", r"D_{w}\!\left(G_{\theta}\!\left(z\right)\right)"),
        (r"a(b+c)", r"a \cdot \left(b + c\right)"),
        (r"x_{1:T}", r"x_{1:T}"),
    ),
    refuses=(
        r"\hat{\mathbb{E}}[f]",
        r"\mathcal{O}(\epsilon)",
        r"x_{1:2:3}",
        r"\foo",
        r"\text{if}",
        r"(x)_i",
    ),
)
