r"""Which names are densities, over which variables, and which of them are chains, from how they are written.

Main definitions: `densities_of`. A name applied to `z|x` is a density; all uses of one name belong to
one joint; `q(x_t|x_{t-1})` or `x_{1:T}` make a Markov chain; `p_\theta` is another joint than `p`,
unless `p` is written for its prior only.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import product

from derivcheck.theories.latex import canonical
from derivcheck.theories.scan import Application, Token, applications, parameter_of, stem, token

# names that are applied to a bar without being densities: expectation, entropy, information, normal, …
NOT_DENSITIES = frozenset(
    r"E N I H L J F C O U D G V R S T W \mathcal{L} \mathcal{N} \mathcal{U} \mathcal{H} \mathcal{D} \mathcal{O} \ell".split()
)
USUAL = frozenset("pqPQ")
_INSTANCE = re.compile(r"^(?:[ijklnm]|\([a-z]\))$")
_STEP = re.compile(r"^[a-z](?:[+-]1)?$")
_RANGE = re.compile(r"^(?P<low>[^:]+):(?P<high>.+)$")


@dataclass
class Uses:
    """How one name is used in a question."""

    name: str
    events: list[tuple[tuple[Token, ...], tuple[Token, ...]]] = field(default_factory=list)
    conditional: bool = False
    law: bool = False
    line: int | None = None

    @property
    def tokens(self) -> list[Token]:
        """All variables of all uses, in order."""
        return [t for event, given in self.events for t in (*event, *given)]

    @property
    def bases(self) -> tuple[str, ...]:
        """The variables' names."""
        return tuple(dict.fromkeys(t.base for t in self.tokens))

    @property
    def chained(self) -> bool:
        """Whether one variable occurs at different times in one use, or as a run."""
        for event, given in self.events:
            for t in (*event, *given):
                if t.index is not None and _RANGE.match(t.index):
                    return True
                times = {u.index for u in (*event, *given) if u.base == t.base}
                step = any(i is not None and re.search(r"[+-]1$", i) for i in times)
                fixed = all(i is not None and i.isdigit() for i in times)
                if t.index is not None and len(times) > 1 and (step or fixed):
                    return True
        return False


@dataclass(frozen=True)
class Found:
    """A declaration of a density with the line where its name first stands."""

    kind: str  # densities, definitions, variables
    latex: str
    line: int


@dataclass(frozen=True)
class Densities:
    """What was found in one question; `related` are pairs of names whose relation is not certain."""

    found: tuple[Found, ...]
    names: frozenset[str]
    variables: tuple[str, ...]
    chains: tuple[str, ...]
    related: tuple[tuple[str, str], ...]


def uses_of(texts: list[tuple[str, int]]) -> dict[str, Uses]:
    """Every name that is a density in these texts (LaTeX, line), with its uses."""
    all_uses: dict[str, Uses] = {}
    for text, line in texts:
        for a in applications(text):
            _note(all_uses, a, line)
        for a in applications_as_laws(text):
            _note(all_uses, a, line)
            if a.name in all_uses:
                all_uses[a.name].law = True
        for name in laws_in(text):
            use = all_uses.setdefault(name, Uses(name))
            use.law = True
            use.line = use.line or line
    return {n: u for n, u in all_uses.items() if _is_density(u)}


def _note(all_uses: dict[str, Uses], a: Application, line: int) -> None:
    event = [token(e) for e in a.event]
    given = [token(g) for g in a.given]
    if stem(a.name) in NOT_DENSITIES or not event:
        return
    use = all_uses.setdefault(a.name, Uses(a.name))
    if None in event or None in given:
        use.conditional = use.conditional or bool(a.given)
        return
    use.conditional = use.conditional or a.conditional
    use.line = use.line or line
    use.events.append((tuple(t for t in event if t), tuple(t for t in given if t)))


_ONE_LETTER = r"[A-Za-z](?:_(?:\{[^{}]*\}|\\[A-Za-z]+|\w))?"
_LAW = re.compile(
    rf"(?:\\sim|∼)\s*(?P<law>{_ONE_LETTER})(?![A-Za-z_(])"
    rf"|(?:KL|JSD|TV)[(\[](?P<first>{_ONE_LETTER})(?:\|\|?|,)(?P<second>{_ONE_LETTER})[)\]]"
)


def laws_in(text: str) -> list[str]:
    r"""Names that stand as laws: after `\sim`, or as both arguments of KL, JSD."""
    names: list[str] = []
    for m in _LAW.finditer(canonical(text)):
        names += [g for g in m.groups() if g and stem(g) not in NOT_DENSITIES]
    return names


def applications_as_laws(text: str) -> list[Application]:
    """Names whose application is an argument of KL or stands as a law, or that multiply a conditional."""
    written = canonical(text)
    uses = applications(text)
    found: list[Application] = []
    for a in uses:
        whole = f"{a.name}({a.inside})"
        divergence = (
            rf"(?:KL|JSD|TV)\}}?[(\[](?:[^|()]*(?:\([^()]*\))?(?:\|\||,))?{re.escape(whole)}"
        )
        if (
            re.search(divergence, written)
            or re.search(r"\\sim\s?" + re.escape(whole), written)
            or (
                not a.given
                and any(
                    b.given == a.event and f"{b.name}({b.inside}){whole}" in written for b in uses
                )
            )
        ):
            found.append(a)
    return found


def _is_density(use: Uses) -> bool:
    if "*" in use.name:  # an optimum of something, not any density
        return False
    if use.conditional and use.events:
        return True
    if use.law and (use.events or stem(use.name) in USUAL):
        return True
    return bool(use.events) and stem(use.name) in USUAL


def densities_of(texts: list[tuple[str, int]]) -> Densities:
    """The densities of a question, as declarations in LaTeX."""
    uses = uses_of(texts)
    found: list[Found] = []
    chains: list[str] = []
    related: list[tuple[str, str]] = []
    priors = _priors(uses, [canonical(text) for text, _ in texts])
    for name, use in uses.items():
        line = use.line or 0
        if name in priors:
            other = priors[name][1]
            if priors[name][0] == "prior":
                variables = uses[other].bases
                rest = [v for v in variables if v not in use.bases]
                prior = use.bases[0]
                found.append(Found("densities", f"{name}({prior})", line))
                found.append(
                    Found(
                        "densities",
                        f"{other}({', '.join((*rest, prior))}) = {other}({', '.join(rest)}|{prior}) {name}({prior})",
                        uses[other].line or line,
                    )
                )
            else:
                end = use.events[0][0][0]
                head = f"{end.base}_{{{end.index}}}"
                found.append(Found("definitions", f"{name}({head}) = {other}({head})", line))
            continue
        if name in {o for kind, o in priors.values() if kind == "prior"}:
            continue
        if use.chained:
            chain = _chain(use)
            if chain is not None:
                found.append(Found("densities", chain, line))
                chains.append(name)
        else:
            found.append(Found("densities", _joint(use), line))
    for name, other in product(uses, uses):
        if name < other and _perhaps_same(name, other) and set(uses[name].bases) & set(uses[other].bases):
            apart = priors.get(name, ("", ""))[1] != other and priors.get(other, ("", ""))[1] != name
            if apart:
                related.append((name, other))
    variables = tuple(dict.fromkeys(b for u in uses.values() for b in u.bases))
    return Densities(tuple(found), frozenset(uses), variables, tuple(chains), tuple(related))


def _perhaps_same(name: str, other: str) -> bool:
    r"""`p` and `p_\theta`: whether they mean one density is often left open."""
    if stem(name) != stem(other):
        return False
    return all(n == stem(n) or parameter_of(n) is not None for n in (name, other))


def _multiplied(name: str, use: Uses, uses: dict[str, Uses], canonicals: list[str]) -> list[str]:
    """The one density that is multiplied by this one as its prior: `r(v|u) h(u)`."""
    prior = f"{name}({_written(use.events[0][0][0])})"
    found: list[str] = []
    for other, theirs in uses.items():
        if (
            other != name
            and theirs.conditional
            and any(
                re.search(re.escape(other) + r"\([^()]*\|[^()]*\)" + re.escape(prior), text)
                for text in canonicals
            )
        ):
            found.append(other)
    return found


def _written(t: Token) -> str:
    index = t.index or ""
    return (
        t.base if not index else f"{t.base}_{index}" if len(index) == 1 else f"{t.base}_{{{index}}}"
    )


def _priors(uses: dict[str, Uses], canonicals: list[str]) -> dict[str, tuple[str, str]]:
    r"""Names without a parameter that are written for one marginal of a name with one only.

    `p(z)` beside `p_\theta(x|z)` is the prior of p_theta's joint; `p(x_T)` beside the reverse chain is its end.
    """
    found: dict[str, tuple[str, str]] = {}
    for name, use in uses.items():
        if (
            name != stem(name)
            or use.conditional
            or len({e for e, _ in use.events}) != 1
            or len(use.events[0][0]) != 1
        ):
            continue
        variable = use.events[0][0][0]
        others = [o for o in uses if o != name and stem(o) == name and parameter_of(o)]
        others = others or _multiplied(name, use, uses, canonicals)
        if len(others) != 1:
            continue
        other = uses[others[0]]
        same = any(e == (variable,) and not g for e, g in other.events)
        beside = any(
            f"{name}({_written(variable)})" in text and f"{others[0]}(" in text
            for text in canonicals
        )
        if other.chained and variable.index == "T":
            found[name] = ("end", others[0])
        elif (
            beside
            and not other.chained
            and not same
            and any(variable in g for _, g in other.events)
            and len(other.bases) == 2
        ):
            found[name] = ("prior", others[0])
    return found


def _joint(use: Uses) -> str:
    """One abstract joint over all variables; those never described are conditions."""
    timed = [
        (e[0], g[0])
        for e, g in use.events
        if len(e) == len(g) == 1 and e[0].base == g[0].base and e[0] != g[0]
    ]
    if timed:  # q(x_t|x_0): two times of one variable
        return f"{use.name}({_written(timed[0][0])}|{_written(timed[0][1])})"
    described = tuple(dict.fromkeys(t.base for event, _ in use.events for t in event)) or ("x",)
    roots = tuple(b for b in use.bases if b not in described)
    inside = ", ".join(described) + (f"|{', '.join(roots)}" if roots else "")
    return f"{use.name}({inside})"


def _chain(use: Uses) -> str | None:
    r"""The Markov chain: forward if a later variable is described given an earlier one."""
    bases = {t.base for t in use.tokens}
    if len(bases) != 1:
        return None
    x = bases.pop()
    letter = next(
        (t.index[0] for t in use.tokens if t.index and _STEP.match(t.index) and len(t.index) > 1),
        "t",
    )
    forward = backward = False
    low, high = "0", "T"
    for event, given in use.events:
        first = event[0].index or ""
        conditions = {g.index for g in given}
        if len(event) == 1:
            forward = forward or (first == letter and f"{letter}-1" in conditions)
            forward = forward or (first == f"{letter}+1" and letter in conditions)
            forward = forward or (
                first.isdigit()
                and any(c is not None and c.isdigit() and c < first for c in conditions)
            )
            backward = backward or (first == f"{letter}-1" and conditions == {letter})
        elif not event:
            continue
        if span := _RANGE.match(first):
            high = span["high"]
    if low != "0":
        return None
    n, s = use.name, letter
    if forward or not backward:
        return f"{n}({x}_{{1:{high}}}|{x}_{low}) = \\prod_{{{s}=1}}^{{{high}}} {n}({x}_{s}|{x}_{{{s}-1}})"
    return f"{n}({x}_{{0:{high}}}) = {n}({x}_{high}) \\prod_{{{s}=1}}^{{{high}}} {n}({x}_{{{s}-1}}|{x}_{s})"
