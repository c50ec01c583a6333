r"""The laws that the theory gives to variables: by sampling statements, else by the one joint that has them.

Main definitions: `own_laws`.
"""

from __future__ import annotations

from derivcheck.interpreters.sampling.drawn import CannotSample
from derivcheck.interpreters.sampling.free import variables_of
from derivcheck.interpreters.sampling.instance import Instance
from derivcheck.interpreters.sampling.keys import base, fitted, keys_of, lettered, symbol_at
from derivcheck.interpreters.sampling.rewriting import rewritten
from derivcheck.terms.term import Density, FamilyDensity, Law, Term


def own_laws(keys: tuple[str, ...], given: tuple[Term, ...], model: Instance) -> tuple[Law, ...]:
    """One law for each variable with a sampling statement, and one for all others together.

    Raises:
        CannotSample: no law is said, or several are.
    """
    out: list[Law] = []
    rest: list[str] = []
    for key in keys:
        law = None if given else sampled_law(key, model)
        if law is None:
            rest.append(key)
        else:
            out.append(law)
    if not rest:
        return tuple(out)
    conditions = frozenset(k for g in given for k in keys_of(g))
    names = [n for n in model.signature.densities if _has(rest, n, model) and _has(conditions, n, model)]
    if len(names) > 1:  # x_0 ~ q(x_0), not the end of the reverse chain
        names = [n for n in names if _first(rest, n, model)] or names
    laws = {p.density for n in names for p in model.joint(n).parts if set(p.event) == set(rest) and not p.given}
    if len(names) > 1 and not given and len(laws) == 1 and all(_alone(rest, n, model) for n in names):
        names = names[:1]
    said = ", ".join(k.replace("@", "_") for k in rest)
    if len(names) != 1:
        raise CannotSample(f"{said} has more than one law here" if names else f"the law of {said} is not said")
    joint = model.joint(names[0])
    if not given and joint.behind(tuple(rest), frozenset()) & set(joint.roots):
        if set(rest) & set(joint.roots):
            raise CannotSample(f"the law of {said} is not said")
        given = tuple(symbol_at(r) for r in joint.roots)
    return (*out, Density(names[0], tuple(symbol_at(k) for k in rest), given))


def sampled_law(key: str, model: Instance) -> Law | None:
    """The law that a sampling statement gives to a variable, at this variable; None without one."""
    me = symbol_at(key)
    for s in model.signature.samples:
        if s.variable.name != base(key) or bool(s.variable.index) != bool(me.index):
            continue
        letters = fitted(s.variable.index, me.index, model.fixed)
        if letters is None:
            continue
        law = s.law
        if isinstance(law, FamilyDensity):
            parameters = tuple(rewritten(lettered(p, letters), model) for p in law.parameters)
            return FamilyDensity(law.family, parameters, me)
        if len(law.event) > 1:
            raise CannotSample(f"the law of {key.replace('@', '_')} is one of several variables")
        return Density(law.name, (me,), tuple(lettered(g, letters) for g in law.given))
    return None


def _has(keys: list[str] | frozenset[str], name: str, model: Instance) -> bool:
    return variables_of(name, model) >= set(keys)


def _first(keys: list[str], name: str, model: Instance) -> bool:
    """Whether nothing is drawn before these, or the joint only takes them as given."""
    joint = model.joint(name)
    return not joint.behind(tuple(keys), frozenset()) - set(keys)


def _alone(keys: list[str], name: str, model: Instance) -> bool:
    return any(set(p.event) == set(keys) and not p.given for p in model.joint(name).parts)
