"""What the theory in force says about names: the only thing that reading asks of a signature.

Main definitions: `Lexicon`, `lexicon_of` (one for a signature, kept).
"""

from __future__ import annotations

import re
import weakref
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from derivcheck.terms.term import Call, Density, Symbol

if TYPE_CHECKING:
    from derivcheck.terms.signature import FunctionDeclaration, Signature, SymbolDeclaration

Role = Literal["density", "function", "symbol", "index"]
_BASE = re.compile(r"^(?:\\[a-zA-Z]+\{\\?[a-zA-Z]+\}|\\[a-zA-Z]+|[a-zA-Z]+)")


def base_of(name: str) -> str:
    r"""The letter of a name with its accent: `\bar{\alpha}` of `\bar{\alpha}_{T}`."""
    found = _BASE.match(name)
    return found[0] if found else name


@dataclass(frozen=True)
class Lexicon:
    """The declared names and what each of them is."""

    roles: dict[str, Role]
    bases: frozenset[str]
    symbols: dict[str, SymbolDeclaration]
    functions: dict[str, FunctionDeclaration]
    signature: Signature
    has_time: bool

    def role(self, name: str) -> Role | None:
        """What a name was declared as, None if it was not."""
        return self.roles.get(name)

    def knows(self, name: str) -> bool:
        """Whether the name, without any index, is declared."""
        return name in self.roles


def _roles(signature: Signature) -> dict[str, Role]:
    roles: dict[str, Role] = dict.fromkeys(signature.indices, "index")
    for name, symbol in signature.symbols.items():
        roles[name] = "index" if symbol.role == "index" else "symbol"
    roles.update(dict.fromkeys(signature.functions, "function"))
    roles.update(dict.fromkeys(signature.densities, "density"))
    roles.update({family.density.name: "density" for family in signature.families})
    heads = [definition.head for definition in signature.definitions]
    roles |= {h.name: "density" for h in heads if isinstance(h, Density) and h.name not in roles}
    roles |= {
        h.function: "function" for h in heads if isinstance(h, Call) and h.function not in roles
    }
    roles |= {h.name: "symbol" for h in heads if isinstance(h, Symbol) and h.name not in roles}
    for joint in signature.densities.values():  # the length of a chain is an index, whatever its letter
        for bound in (b for f in joint.factors for b in (f.lower, f.upper)):
            if isinstance(bound, Symbol) and not bound.index:
                roles[bound.name] = "index"
    for variable in (
        *(p.variable for p in signature.paths),
        *(s.variable for s in signature.samples),
    ):
        roles.setdefault(variable.name, "symbol")
    for optimum in signature.optima:
        like = roles.get(optimum.unknown) or roles.get(base_of(optimum.unknown))
        for name in (optimum.name, *optimum.feasible):
            roles.setdefault(name, like or "symbol")
    for flow in signature.flows:
        roles.setdefault(flow.name, "symbol")
    return roles


_KEPT: dict[int, tuple[weakref.ref[Signature], Lexicon]] = {}


def lexicon_of(signature: Signature) -> Lexicon:
    """The lexicon of a signature, made once for each."""
    kept = _KEPT.get(id(signature))
    if kept is not None and kept[0]() is signature:
        return kept[1]
    roles = _roles(signature)
    timed = bool(signature.flows) or any(s.time_dependent for s in signature.symbols.values())
    made = Lexicon(
        roles,
        frozenset(map(base_of, roles)),
        signature.symbols,
        signature.functions,
        signature,
        timed,
    )
    if len(_KEPT) > 512:
        _KEPT.clear()
    _KEPT[id(signature)] = (weakref.ref(signature), made)
    return made
