r"""Declarations in force to a signature: LaTeX to terms, in two passes.

Main definitions: `signature_of`. The first pass takes names and types, so that in the second, where
bodies are read, every declaration knows all names. What cannot be read goes to `problems` with its place.
"""

from __future__ import annotations

import re
from dataclasses import replace
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING, cast

from derivcheck.notation.components import independent_coordinates
from derivcheck.notation.declared import Heads, declared_name, written_index
from derivcheck.notation.faults import Unreadable
from derivcheck.notation.joints import density_declaration, free_letters, over_time
from derivcheck.notation.read import read
from derivcheck.notation.sets import split_declaration
from derivcheck.notation.shapes import shape_of
from derivcheck.terms.signature import (
    Definition,
    DensityDeclaration,
    Factor,
    FamilyDeclaration,
    FlowDeclaration,
    FunctionDeclaration,
    IndexRange,
    OptimumDeclaration,
    Origin,
    PathDeclaration,
    PushforwardDeclaration,
    SampleDeclaration,
    Signature,
    SymbolDeclaration,
)
from derivcheck.terms.term import (
    Call,
    Density,
    FamilyDensity,
    Moment,
    Number,
    Optimum,
    Power,
    Symbol,
    Term,
)
from derivcheck.theories.latex import application, canonical, equation, sampled, split_list

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from derivcheck.theories.theory import Declaration

NATURALS = ("T", "K", "n", "N", "M", "m")


class Unsaid(Exception):
    """A declaration that does not have the form of its kind."""


@lru_cache(maxsize=256)
def signature_of(declarations: tuple[Declaration, ...]) -> Signature:
    """The signature of the declarations in force at a place."""
    made = _Making()
    for d in declarations:
        made.attempt(d, _FIRST.get(d.kind))
    for d in declarations:
        made.attempt(d, _Making.time_dependent if d.kind == "time_dependent" else None)
    made.naturals(declarations)
    made.placeholders(declarations)
    for d in declarations:
        made.attempt(d, _SECOND.get(d.kind))
    return made.finished()


class _Making:
    """A signature in the making."""

    def __init__(self) -> None:
        self.symbols: dict[str, SymbolDeclaration] = {}
        self.functions: dict[str, FunctionDeclaration] = {}
        self.densities: dict[str, DensityDeclaration] = {}
        self.families: list[FamilyDeclaration] = []
        self.samples: list[SampleDeclaration] = []
        self.paths: list[PathDeclaration] = []
        self.pushforwards: list[PushforwardDeclaration] = []
        self.definitions: list[Definition] = []
        self.optima: list[OptimumDeclaration] = []
        self.flows: list[FlowDeclaration] = []
        self.indices: dict[str, IndexRange] = {}
        self.aliases: dict[str, str] = {}
        self.const: tuple[str, ...] = ()
        self.propto: tuple[str, ...] = ()
        self.fixed: list[Term] = []
        self.minima = "values"
        self.problems: list[str] = []
        self.shapeless: set[str] = set()
        self._known: Signature | None = None
        self.waiting: list[Definition] = []

    # --- state -----------------------------------------------------------------------------------

    def known(self) -> Signature:
        """What is known so far, for reading."""
        if self._known is None:
            self._known = Signature(
                symbols=self.symbols, functions=self.functions, densities=self.densities, families=tuple(self.families),
                definitions=(*self.definitions, *self.waiting), indices=self.indices, optima=tuple(self.optima),
                samples=tuple(self.samples), paths=tuple(self.paths),
            )  # fmt: skip
        return self._known

    def changed(self) -> None:
        """Names were added."""
        self._known = None

    def attempt(self, d: Declaration, take: Callable[[_Making, Declaration], None] | None) -> None:
        """Takes a declaration in; a fault becomes a problem."""
        if take is None:
            return
        try:
            take(self, d)
        except (Unreadable, Unsaid, ValueError, RecursionError) as fault:
            self.problems.append(f"{d.origin.where}: `{d.latex}` is not read: {fault}")

    def finished(self) -> Signature:
        """The signature."""
        self.densities_of_families()
        self.densities_of_factors()
        self.shapes_of_defined()
        return Signature(
            symbols=self.symbols, functions=self.functions, densities=self.densities, families=tuple(self.families),
            samples=tuple(self.samples), pushforwards=tuple(self.pushforwards),
            paths=tuple(self.paths), definitions=tuple(self.definitions), optima=tuple(self.optima),
            flows=tuple(self.flows), indices=self.indices, aliases=self.aliases, constant_free_of=self.const,
            proportional_in=self.propto, fixed=tuple(self.fixed),
            minima="minimisers" if self.minima == "minimisers" else "values", problems=tuple(dict.fromkeys(self.problems)),
        )  # fmt: skip

    def densities_of_families(self) -> None:
        """A density that is only declared by its families factors as they say."""
        for name in {f.density.name: None for f in self.families}:
            had = self.densities.get(name)
            if had is None or not had.factors:
                heads = [f.density for f in self.families if f.density.name == name]
                factors = over_time(tuple(Factor(h.event, h.given) for h in heads))
                self.densities[name] = DensityDeclaration(
                    name, factors, had.origin if had else Origin("inferred", "")
                )

    def densities_of_factors(self) -> None:
        """A density that stands only as a factor of another joint (`r(x,z) = r(x|z) p(z)`) is one."""
        for joint in tuple(self.densities.values()):
            for f in joint.factors:
                had = self.densities.get(f.density) if f.density else None
                if f.density and f.index is None and (had is None or not had.factors):
                    own = Factor(f.event, f.given)
                    self.densities[f.density] = DensityDeclaration(f.density, (own,), joint.origin)

    def shapes_of_defined(self) -> None:
        """What only depends on time, and is defined, has the shape of its definition."""
        for d in self.definitions:
            if isinstance(d.head, Symbol) and d.head.name in self.shapeless:
                try:
                    shape = shape_of(d.body, self.known())
                except Unreadable:
                    continue
                if shape is not None:
                    self.symbols[d.head.name] = replace(self.symbols[d.head.name], shape=shape)

    def read(self, latex: str) -> Term:
        """A term under what is known so far."""
        return read(latex, self.known())

    # --- first pass ------------------------------------------------------------------------------

    def quantity(self, d: Declaration) -> None:
        """Variables, sequences, parameters, matrices."""
        found = split_declaration(d.latex)
        if found is None:
            raise Unsaid(r"a set such as \mathbb{R}^d, (0,1), \mathbb{S}_{++}^{n} is expected")
        left, space = found
        role = {"variables": "variable", "sequences": "sequence"}.get(d.kind, "parameter")
        indexed = d.kind in ("variables", "sequences")
        name, slots = declared_name(left, indices=indexed)
        shape = tuple(self.dimension(s, d) for s in space.shape)
        before = self.symbols.get(name)
        if before is not None and before.shape == shape and before.role == role:
            self.symbols[name] = replace(before, indices=max(before.indices, slots))
        elif before is None or before.role == "dimension":
            self.symbols[name] = SymbolDeclaration(
                name, cast("Any", role), shape, space.domain, slots, origin=d.origin
            )
        self.changed()

    def dimension(self, written: str, d: Declaration) -> str:
        """A dimension's name; it becomes a symbol."""
        name = re.sub(r"[{}\s]", "", written)  # as the reader spells the size of `I_{n_2}`
        if name.isdigit():
            return name
        if name not in self.symbols:
            self.symbols[name] = SymbolDeclaration(
                name, "dimension", (), "natural", origin=d.origin
            )
        return name

    def function(self, d: Declaration) -> None:
        """Functions and networks: names, shapes and domains; arguments are read in the second pass."""
        found = split_declaration(d.latex)
        applied = application(found[0]) if found else None
        if found is None or applied is None:
            raise Unsaid(r"a function is declared with its arguments: `D(x) \in (0,1)`")
        name, _ = declared_name(applied[0], indices=False)
        space = found[1]
        shape = tuple(self.dimension(s, d) for s in space.shape)
        self.functions.setdefault(
            name, FunctionDeclaration(name, (), shape, space.domain, d.kind == "networks", d.origin)
        )
        self.changed()

    def density_name(self, d: Declaration) -> None:
        """The name of a density, its factors to come."""
        left = (equation(d.latex) or (d.latex, ""))[0]
        applied = application(left)
        if applied is None:
            return
        name, _ = declared_name(applied[0], indices=False)
        self.densities.setdefault(name, DensityDeclaration(name, (), d.origin))
        self.changed()

    def family_name(self, d: Declaration) -> None:
        """A family's density is a density."""
        self.density_name(d)

    def index_range(self, d: Declaration) -> None:
        """`t: 2..T-1`."""
        lower, upper = (self.read(bound) for bound in d.detail)
        name = declared_name(d.latex, indices=False)[0]
        if name in NATURALS:
            self.symbols.setdefault(
                name, SymbolDeclaration(name, "parameter", (), "natural", origin=d.origin)
            )
        if name != "T":  # the length of a chain is chosen with the world
            self.indices[name] = IndexRange(name, lower, upper, d.origin)
        self.changed()

    def naturals(self, declarations: tuple[Declaration, ...]) -> None:
        r"""Upper limits of sums, products and runs (T, K, n) are natural numbers."""
        for d in declarations:
            for found in re.finditer(
                r"(?:\\sum|\\prod)_(?:\{[^{}]*\}|\w)\^(?:\{([A-Za-z])\}|([A-Za-z]))|:([A-Z])(?=\})",
                canonical(d.latex),
            ):
                name = found.group(1) or found.group(2) or found.group(3)
                if name in NATURALS and name not in self.symbols:
                    self.symbols[name] = SymbolDeclaration(
                        name, "parameter", (), "natural", origin=d.origin
                    )
        self.changed()

    def placeholders(self, declarations: tuple[Declaration, ...]) -> None:
        """Heads of definitions and moments, so that bodies know them as functions or symbols."""
        for d in declarations:
            left = d.latex if d.kind == "moments" else (equation(d.latex) or ("", ""))[0]
            if d.kind not in ("definitions", "moments") or not left:
                continue
            applied = application(left)
            try:
                if applied is not None and d.kind == "definitions" and self.is_density(applied[0]):
                    continue
                name, index = written_index((applied or (left,))[0], self.known())
                head = Call(name, (), index) if applied else Symbol(name, index)
                self.waiting.append(Definition(head, Number(Fraction(0)), d.origin))
            except Unreadable:
                continue
        self.changed()

    def is_density(self, latex: str) -> bool:
        """Whether a name is a density of this theory."""
        try:
            return (
                declared_name(latex, indices=False)[0] in self.densities
                or written_index(latex, self.known())[0] in self.densities
            )
        except Unreadable:
            return False

    # --- second pass -----------------------------------------------------------------------------

    def arguments(self, d: Declaration) -> None:
        """The arguments a function was declared with."""
        found = split_declaration(d.latex)
        applied = application(found[0]) if found else None
        if applied is None:
            return
        name, _ = declared_name(applied[0], indices=False)
        had = self.functions[name]
        if had.origin == d.origin and not had.arguments:
            arguments = tuple(self.read(a) for a in split_list(applied[1].replace(";", ",")))
            self.functions[name] = replace(had, arguments=arguments)

    def density(self, d: Declaration) -> None:
        """A joint and its factors, or a density defined by other ones."""
        found = density_declaration(d, self.known())
        if isinstance(found, Definition):
            self.define(found)
            name = cast("Density", found.head).name
            event = cast("Density", found.head).event
            if not self.densities[name].factors and not free_letters(event):
                self.densities[name] = DensityDeclaration(name, (Factor(event),), d.origin)
        else:
            self.join(found)

    def join(self, made: DensityDeclaration) -> None:
        """Adds factors to a density; statements about one name add up."""
        had = self.densities.get(made.name)
        if had is not None and had.factors:
            new = tuple(f for f in made.factors if f not in had.factors)
            made = replace(had, factors=(*had.factors, *new))
        self.densities[made.name] = made

    def family(self, d: Declaration) -> None:
        """A density in closed form, which also says that it is a density over its variables."""
        pair = equation(d.latex)
        head = self.read(pair[0]) if pair else None
        if pair is None or not isinstance(head, Density) or not head.event:
            raise Unsaid(r"a family is declared as `q(z|x) = \mathcal{N}(z; m, S)`")
        body = self.read(pair[1])
        if len(head.event) == 1:
            body = independent_coordinates(body, head.event[0], self.known()) or body
        if not isinstance(body, FamilyDensity):
            self.define(Definition(head, body, d.origin))
            return
        self.families.append(FamilyDeclaration(head, body, d.origin))

    def law(self, d: Declaration) -> None:
        r"""`\epsilon_t \sim \mathcal{N}(0,I)`; several variables before one law are i.i.d."""
        pair = sampled(d.latex)
        if pair is None:
            raise Unsaid(r"a law is declared as `z \sim q(z|x)`")
        law = self.law_term(pair[1])
        for one in split_list(pair[0]):
            variable = self.read(one)
            if isinstance(variable, Call) and isinstance(law, Density):
                self.pushforwards.append(PushforwardDeclaration(variable, law, d.origin))
                continue
            if not isinstance(variable, Symbol):
                raise Unsaid(f"`{one}` is not a variable")
            self.samples.append(SampleDeclaration(variable, law, d.origin))
            if variable.name not in (*self.symbols, *self.indices, *"tsijk"):
                self.symbols[variable.name] = SymbolDeclaration(
                    variable.name,
                    "variable",
                    self.shape_like(law),
                    indices=len(variable.index),
                    origin=d.origin,
                )

    def law_term(self, latex: str) -> Density | FamilyDensity:
        """The law of a sampling statement."""
        uniform = re.match(
            r"^\\?(?:mathcal\{U\}|mathrm\{Uniform\}|text\{Uniform\}|Uniform|U)\s*[({\[\\]*\s*(.+?)\s*,\s*(?:(?:\\[lc]?dots|\.+)\s*,\s*)?([^,]+?)[)}\]\\]*$",
            latex.strip(),
        )
        if uniform and "U" in latex:
            return FamilyDensity(
                "uniform", (self.read(uniform.group(1)), self.read(uniform.group(2)))
            )
        law = self.read(latex)
        if isinstance(law, Density | FamilyDensity):
            return law
        if isinstance(law, Symbol):
            return Density(law.name, (), (), law.index)
        raise Unsaid(f"`{latex}` is not a law")

    def shape_like(self, law: Density | FamilyDensity) -> tuple[str, ...]:
        """The shape of a variable that is drawn from a density over another."""
        if isinstance(law, Density) and law.event and isinstance(law.event[0], Symbol):
            like = self.symbols.get(law.event[0].name)
            return like.shape if like else ()
        return ()

    def independent(self, d: Declaration) -> None:
        """Variables with one law, or factors given the same condition."""
        if sampled(d.latex) is not None:
            self.law(d)
            return
        latex = d.latex if application(d.latex) else f"{self.joint_of(d.latex)}({d.latex})"
        head = self.read(latex)
        if not isinstance(head, Density):
            raise Unsaid("independence is declared as `p(x_1, x_2 | x)`")
        factors = tuple(Factor((e,), head.given) for e in head.event)
        self.join(DensityDeclaration(head.name, factors, d.origin))

    def joint_of(self, latex: str) -> str:
        """The density that bare variables belong to: the only declared one, or p."""
        names = list(self.densities)
        return names[0] if len(names) == 1 else "p"

    def path(self, d: Declaration) -> None:
        """A random variable computed from others."""
        pair = equation(d.latex)
        variable = self.read(pair[0]) if pair else None
        if pair is None or not isinstance(variable, Symbol):
            raise Unsaid(r"a path is declared as `x_t = \sqrt{\bar\alpha_t} x_0 + ..`")
        self.paths.append(PathDeclaration(variable, self.read(pair[1]), d.origin))

    def definition(self, d: Declaration) -> None:
        """head = body."""
        pair = equation(d.latex)
        if pair is None:
            raise Unsaid("a definition is written `head = body`")
        heads = Heads(self.known())
        left, right = pair
        squared = re.match(r"^(.*)\^\{?2\}?$", canonical(left))
        if squared and not application(left):
            head = heads.head(squared.group(1), right)
            self.define(Definition(head, self.rooted(right, heads.reading(right)), d.origin))
            return
        head = heads.head(left, right)
        self.define(Definition(head, heads.reading(right), d.origin))

    def rooted(self, right: str, body: Term) -> Term:
        r"""`\sigma_t^2 = b` defines sigma_t as the root of b."""
        if isinstance(body, Power) and body.exponent == Number(Fraction(2)):
            return body.base
        return Call("sqrt", (body,))

    def define(self, d: Definition) -> None:
        """Adds a definition; the first (strongest) of one head counts."""
        if all(had.head != d.head for had in self.definitions):
            self.definitions.append(d)

    def moment(self, d: Declaration) -> None:
        """A name for a moment of a density."""
        kind, of = d.detail
        law = self.read(of)
        if not isinstance(law, Density):
            raise Unsaid(f"`{of}` is not a density")
        head = Heads(self.known()).head(d.latex, "")
        self.define(Definition(head, Moment(cast("Any", kind), law), d.origin))

    def optimum(self, d: Declaration) -> None:
        r"""`D^* = \arg\max_D ..`."""
        pair = equation(d.latex)
        found = _OPTIMUM.match(pair[1].strip()) if pair else None
        if pair is None or found is None:
            raise Unsaid(r"an optimum is declared as `D^* = \arg\max_D ..`")
        of = (found["group"] or found["one"]).strip()
        unknown = re.split(r"\\in(?![A-Za-z])", of)[0].strip()
        over = self.read(unknown)
        name = _name_of(over)
        if name in self.densities and isinstance(over, Symbol):
            over = Density(name, (), (), over.index)
        kind = "argmax" if "max" in found["kind"] else "argmin"
        body = self.read(found["body"])
        left = written_index(pair[0], self.known())[0]
        feasible = tuple(
            written_index((application(f) or (f,))[0], self.known())[0] for f in d.detail
        )
        self.optima.append(
            OptimumDeclaration(left, Optimum(kind, (over,), body), name, feasible, d.origin)
        )

    def flow(self, d: Declaration) -> None:
        """The velocity of a symbol."""
        pair = equation(d.latex)
        found = _VELOCITY.match(canonical(pair[0])) if pair else None
        if pair is None or found is None:
            raise Unsaid(r"a flow is declared as `\dot W = -\frac{\partial J}{\partial W}`")
        inner = found["dotted"] or found["derived"]
        inner = (application(inner) or (inner,))[0] + (found["scripts"] or "")
        self.flows.append(
            FlowDeclaration(written_index(inner, self.known())[0], self.read(pair[1]), d.origin)
        )

    def time_dependent(self, d: Declaration) -> None:
        """Names whose argument is the time."""
        applied = application(d.latex)
        name, _ = declared_name(applied[0] if applied else d.latex, indices=False)
        had = self.symbols.get(name)
        if had is None:
            self.shapeless.add(name)
            had = SymbolDeclaration(name, "parameter", origin=d.origin)
        self.symbols[name] = replace(had, time_dependent=True)
        self.changed()

    def alias(self, d: Declaration) -> None:
        """Another spelling of a name."""
        pair = equation(d.latex)
        if pair is None:
            raise Unsaid(r"an alias is declared as `\tilde\alpha = \bar\alpha`")
        left = pair[0].strip()
        name = written_index(left.rstrip("!"), self.known())[0] + (
            "!" if left.endswith("!") else ""
        )
        self.aliases.setdefault(name, written_index(pair[1], self.known())[0])

    def constant(self, d: Declaration) -> None:
        """What const must not contain."""
        self.const = tuple(canonical(name) for name in d.detail)

    def proportional(self, d: Declaration) -> None:
        """What ∝ is meant in."""
        self.propto = tuple(canonical(name) for name in d.detail)

    def hold(self, d: Declaration) -> None:
        """A variable held at one value."""
        self.fixed.append(self.read(d.latex))

    def compare_minima(self, d: Declaration) -> None:
        """What = between minima compares."""
        self.minima = d.latex


_OPTIMUM = re.compile(
    r"^\\?(?P<kind>arg\s*(?:\\,|\\!)?\s*\\?(?:max|min)|(?:max|min)|operatorname\*?\{arg\s*\\?,?\s*(?:max|min)\})\s*_\s*"
    r"(?:\{(?P<group>(?:[^{}]|\{[^{}]*\})*)\}|(?P<one>\\?[A-Za-z]+?))\s*(?P<body>(?![A-Za-z]).*|(?<=[A-Za-z])\s.*)$",
    re.DOTALL,
)
_VELOCITY = re.compile(
    r"^(?:\\dot\{(?P<dotted>.+?)\}|\\frac\{d\}\{dt\}(?P<derived>.+?)|\\frac\{d(?P<over>.+?)\}\{dt\})(?P<scripts>[_^'].*)?$"
)


def _name_of(t: Term) -> str:
    if isinstance(t, Symbol | Density):
        return t.name
    if isinstance(t, Call):
        return t.function
    raise Unsaid("the optimum is over something that is not a name")


_FIRST: dict[str, Callable[[_Making, Declaration], None]] = {
    "variables": _Making.quantity, "sequences": _Making.quantity, "parameters": _Making.quantity, "matrices": _Making.quantity,
    "functions": _Making.function, "networks": _Making.function, "densities": _Making.density_name, "chains": _Making.density_name,
    "families": _Making.family_name, "index": _Making.index_range,
}  # fmt: skip
_SECOND: dict[str, Callable[[_Making, Declaration], None]] = {
    "functions": _Making.arguments, "networks": _Making.arguments, "densities": _Making.density, "chains": _Making.density,
    "families": _Making.family, "laws": _Making.law, "independent": _Making.independent, "paths": _Making.path,
    "definitions": _Making.definition, "moments": _Making.moment, "optima": _Making.optimum, "flows": _Making.flow,
    "aliases": _Making.alias, "const": _Making.constant, "propto": _Making.proportional, "fixed": _Making.hold,
    "minima": _Making.compare_minima,
}  # fmt: skip
