r"""Sizes and index values of a batch of worlds: chosen by its group, so that T, t, t-1, 0, 1, d come apart."""

from __future__ import annotations

from derivcheck.interpreters.exact.indices import integer
from derivcheck.interpreters.exact.setting import Setting
from derivcheck.interpreters.exact.values import CannotEvaluate
from derivcheck.terms.signature import Signature
from derivcheck.terms.term import Symbol


def sizes_of(signature: Signature, setting: Setting) -> dict[str, int]:
    """The size of every named dimension."""
    names: set[str] = set()
    for d in (*signature.symbols.values(), *signature.functions.values()):
        names.update(s for s in d.shape if not s.isdigit())
    names.update(n for n, d in signature.symbols.items() if d.role == "dimension")
    if setting.kind == "smooth" and setting.group % 3 != 1:
        return dict.fromkeys(sorted(names), 1)
    if setting.kind != "tables":  # two dimensions of one size could not be told apart
        return {n: 2 + (rank + setting.group) % 2 if len(names) > 1 else 2 for rank, n in enumerate(sorted(names))}
    return {
        n: 2 + (rank + setting.group) % max(2, min(3, len(names)))
        for rank, n in enumerate(sorted(names))
    }


def naturals(signature: Signature, setting: Setting, sizes: dict[str, int]) -> dict[str, int]:
    """Values of everything natural: T, N, K, … and the named dimensions."""
    out = {
        "T": setting.horizon,
        "N": 3,
        "n": (3, 2, 3)[setting.group % 3],
        "K": (2, 3, 1)[setting.group % 3],
        "M": 2,
        "m": 2,
    }
    for name, d in signature.symbols.items():
        if d.role == "dimension":
            out[name] = sizes[name]
        elif d.domain == "natural" and name not in out and d.role != "index":
            out[name] = 2 + (setting.group + len(name)) % 2
    for name in list(out):
        declared = signature.symbols.get(name)
        if declared and (
            declared.shape
            or declared.role in ("variable", "sequence")
            or (declared.role == "parameter" and declared.domain != "natural")
        ):
            del out[name]
        if name in signature.functions or name in signature.densities:
            out.pop(name, None)
    for d in signature.definitions:  # `M = W^T W + I` is no number of samples
        if isinstance(d.head, Symbol) and not d.head.index and not d.body.names <= out.keys():
            out.pop(d.head.name, None)
    for joint in signature.densities.values():  # a chain's length, whatever its letter
        for f in joint.factors:
            if isinstance(f.upper, Symbol) and not f.upper.index:
                out[f.upper.name] = setting.horizon
    for joint in signature.densities.values():
        for f in joint.factors:
            if f.index is not None:
                out.pop(f.index, None)
    return out


def index_values(
    free: frozenset[str], signature: Signature, setting: Setting, fixed: dict[str, int]
) -> dict[str, int]:
    """Values of everything that may stand in an index: T, K, … and the free indices in `free`."""
    out = dict(fixed)
    defined = {d.head.name for d in signature.definitions if isinstance(d.head, Symbol) and not d.head.index}
    for rank, name in enumerate(sorted(free | set(signature.indices))):
        if name in out:
            continue
        declared = signature.symbols.get(name)
        span = signature.indices.get(name)
        if span is None and name in defined:  # a name with a definition is no index
            continue
        if span is None and declared is not None and declared.role not in ("index", "dimension"):
            continue
        if span is None:
            if declared is None and name not in ("t", "s", "i", "j", "k", "l"):
                continue
            out[name] = setting.step if name in ("t", "s") else 1 + (setting.group + rank) % 2
            continue
        try:
            low, high = integer(span.lower, out), integer(span.upper, out)
        except CannotEvaluate:
            continue
        want = setting.step
        out[name] = max(
            low,
            min(
                high,
                want
                if low <= want <= high
                else low + (setting.group + rank) % max(high - low + 1, 1),
            ),
        )
    return out
