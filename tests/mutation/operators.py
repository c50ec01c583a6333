r"""Edits of one side of a true relation that make it false (as a rule): what a student gets wrong.

Each operator is a function from a side's text to its edited texts; `OPERATORS` names them. They work on
places of tokens, so that the result is LaTeX as a person would have written it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import pairwise

from tests.support.latex import Text

Operator = Callable[[Text], Iterator[str]]
LOGS = {r"\log", r"\ln"}


def flip_sign(text: Text) -> Iterator[str]:
    """`+` for `-` and the other way round; a leading minus dropped. Not in an index."""
    for i, t in enumerate(text.tokens):
        if t not in "+-" or text.script[i] == "_":
            continue
        before = text.previous(i - 1)
        unary = before is None or text.tokens[before] in (*"([{=,;|", r"\left")
        yield text.edited(i, i + 1, "" if unary else "-" if t == "+" else "+")


def shift_index(text: Text) -> Iterator[str]:
    """t for t-1, t-1 for t, t+1 for t; a sum's first or last index by one."""
    for i, t in enumerate(text.tokens):
        if t != "_":
            continue
        group = text.group(i + 1)
        if group is None:
            continue
        inner = "".join(text.tokens[group[0] : group[1]]).strip("{} ")
        if inner in ("t-1", "k-1", "i-1", "s-1"):
            yield text.edited(*group, "{" + inner[0] + "}")
        elif inner in ("t", "k", "s"):
            yield text.edited(*group, "{" + inner + "-1}")
        elif found := re.fullmatch(r"([a-z])=(\d)", inner):
            yield text.edited(*group, f"{{{found[1]}={int(found[2]) + 1}}}")
        elif inner == "1:T":
            yield text.edited(*group, "{0:T}")
        elif inner == "0:T":
            yield text.edited(*group, "{1:T}")


def other_number(text: Text) -> Iterator[str]:
    """0 for 1 or 1 for 2 in an index, where the text has both (`x_0`, `x_1`; `F_1`, `F_2`)."""
    seen = set(re.findall(r"([A-Za-z])_\{?(\d)\}?", text.latex))
    for i, t in enumerate(text.tokens):
        before = text.previous(i - 1)
        if t != "_" or before is None:
            continue
        group = text.group(i + 1)
        if group is None:
            continue
        letter, inner = text.tokens[before], "".join(text.tokens[group[0] : group[1]]).strip("{} ")
        for other in "012":
            if inner in "012" and inner != other and (letter, other) in seen:
                yield text.edited(*group, other)


def drop_bar(text: Text) -> Iterator[str]:
    r"""`\alpha` for `\bar\alpha`, `W` for `\tilde W`. Other letters mean nothing when bare."""
    for i, t in enumerate(text.tokens):
        if t in (r"\bar", r"\tilde"):
            group = text.group(i + 1)
            if group is not None and re.search(r"\\alpha|\\beta|W", inner := _inner(text, group)):
                yield text.edited(i, group[1], inner)


def add_bar(text: Text) -> Iterator[str]:
    r"""`\bar\alpha` for `\alpha`."""
    for i, t in enumerate(text.tokens):
        before = text.previous(i - 1)
        accented = before is not None and text.tokens[before] in (r"\bar", r"\tilde")
        braced = before is not None and text.tokens[before] == "{" and before and text.tokens[before - 1] in (r"\bar", r"\tilde")
        if t == r"\alpha" and not accented and not braced:
            yield text.edited(i, i + 1, r"\bar{\alpha}")


def drop_log(text: Text) -> Iterator[str]:
    """A logarithm left out."""
    for i, t in enumerate(text.tokens):
        if t in LOGS:
            yield text.edited(i, i + 1, "")
        elif "".join(text.tokens[i : i + 3]) == "log":
            yield text.edited(i, i + 3, "")


def add_log(text: Text) -> Iterator[str]:
    """A logarithm before a density that has none."""
    for i, t in enumerate(text.tokens):
        if not re.fullmatch(r"[pqP]|f", t) or text.script[i] or (call := text.call(i)) is None:
            continue
        before = "".join(text.tokens[max(0, i - 6) : i]).rstrip()
        if re.search(r"(\\log|\\ln|(?<![A-Za-z])log)(?!.*(\]|\\,|[+-] *$))", "".join(text.tokens[:i])[-60:]):
            continue  # the logarithm of a logarithm has no value where densities are below 1
        if not re.search(r"(log|ln|partial|\{|[|,(\[])$", before) and call:
            yield text.edited(i, i, r"\log ")


def drop_half(text: Text) -> Iterator[str]:
    """A factor one half left out."""
    for i, t in enumerate(text.tokens):
        if t == r"\frac" and not text.script[i]:
            one, two = _fraction(text, i)
            if one and two and (_inner(text, one), _inner(text, two)) == ("1", "2"):
                yield text.edited(i, two[1], "")


def drop_two(text: Text) -> Iterator[str]:
    """A factor 2 left out."""
    for i, t in enumerate(text.tokens):
        if t != "2" or text.script[i]:
            continue
        following = text.next(i + 1)
        before = text.previous(i - 1)
        lone = following is None or text.tokens[following] in (*"}+-).,d", "]", r"\int")
        if not lone and (before is None or text.tokens[before] not in (*"_^.g", *LOGS)):
            yield text.edited(i, i + 1, "")


def drop_square(text: Text) -> Iterator[str]:
    """A square left out."""
    for i, t in enumerate(text.tokens):
        if t == "^":
            group = text.group(i + 1)
            if group is not None and _inner(text, group) == "2":
                yield text.edited(i, group[1], "")


def drop_root(text: Text) -> Iterator[str]:
    """A square root left out."""
    for i, t in enumerate(text.tokens):
        if t == r"\sqrt":
            group = text.group(i + 1)
            if group is not None:
                yield text.edited(i, group[1], "(" + _inner(text, group) + ")")


def drop_transpose(text: Text) -> Iterator[str]:
    """A transpose left out."""
    for i, t in enumerate(text.tokens):
        if t == "^":
            group = text.group(i + 1)
            limit = text.previous(i - 1)
            if group is not None and _inner(text, group) == "T" and not _is_limit(text, limit):
                yield text.edited(i, group[1], "")


def add_transpose(text: Text) -> Iterator[str]:
    """A transpose of the predictor or of a second moment where none belongs."""
    for found in re.finditer(r"(W_p(?:\(t\))?|W\(t\)|F_\{?\d+\}?)(?!\^)(?![\w'}])", text.latex):
        yield text.latex[: found.end()] + "^T" + text.latex[found.end() :]


def swap_divergence(text: Text) -> Iterator[str]:
    """The arguments of a KL exchanged."""
    for i, t in enumerate(text.tokens):
        if t not in "([" or i not in text.partner:
            continue
        before = "".join(text.tokens[max(0, i - 12) : i])
        if not re.search(r"KL\}?$|JSD$", before):
            continue
        end = text.partner[i]
        inner, j = [], i + 1
        while j < end:
            inner.append(j)
            j = text.partner.get(j, j) + 1
        bars = [j for j in inner if text.tokens[j] in ("|", r"\|", r"\parallel")]
        if bars:
            yield text.swapped((i + 1, bars[0]), (bars[-1] + 1, end))


def swap_fraction(text: Text) -> Iterator[str]:
    """Numerator and denominator exchanged."""
    for i, t in enumerate(text.tokens):
        if t == r"\frac":
            one, two = _fraction(text, i)
            if one and two and r"\partial" not in _inner(text, one) and _inner(text, one) != "d":
                yield text.swapped(one, two)


def drop_term(text: Text) -> Iterator[str]:
    """A summand left out."""
    for level in text.levels:
        if level.in_script == "_":
            continue
        for start, end in text.summands(level):
            rest = text.edited(start, end, "")
            if start == level.start or text.tokens[start] not in "+-":  # the first: the next one leads
                after = text.next(end)
                if after is not None and text.tokens[after] == "+":
                    rest = text.edited(start, after + 1, "")
            yield rest


def drop_factor(text: Text) -> Iterator[str]:
    r"""A scalar factor left out: `\sqrt{..}`, `\beta_t`, `\sigma_t^2`, a fraction."""
    for i, t in enumerate(text.tokens):
        if t not in (r"\sqrt", r"\beta", r"\sigma", r"\frac") or text.script[i] or _accented(text, i):
            continue
        if t == r"\frac":
            end = (_fraction(text, i)[1] or (0, 0))[1]
        elif t == r"\sqrt":
            end = (text.group(i + 1) or (0, 0))[1]
        else:
            end = i + 1
        while end and (following := text.next(end)) is not None and text.tokens[following] in "_^":
            end = (text.group(following + 1) or (0, 0))[1]
        following = text.next(end) if end else None
        if r"\partial" in text.tokens[i:end] or "".join(text.tokens[i:end]).startswith(r"\frac{d}"):
            continue
        if following is not None and text.tokens[following] not in (*"+-*)]},;|.=", r"\right"):
            before = text.previous(i - 1)
            if before is None or text.tokens[before] not in (r"\log", r"\ln", "g"):
                yield text.edited(i, end, "")


def _accented(text: Text, i: int) -> bool:
    r"""Whether a letter stands under an accent without braces: the `\beta` of `\tilde\beta_t`."""
    before = text.previous(i - 1)
    return before is not None and text.tokens[before] in (r"\bar", r"\tilde", r"\hat", r"\dot")


def _fraction(text: Text, i: int) -> tuple[tuple[int, int] | None, tuple[int, int] | None]:
    one = text.group(i + 1)
    two = text.group(one[1]) if one else None
    return one, two


def _inner(text: Text, group: tuple[int, int]) -> str:
    whole = "".join(text.tokens[group[0] : group[1]]).strip()
    return whole[1:-1].strip() if whole.startswith("{") else whole


def _is_limit(text: Text, i: int | None) -> bool:
    """Whether the script before place i belongs to a sum, product or integral."""
    start = "".join(text.tokens[: (i or 0) + 1])
    return bool(re.search(r"\\(sum|prod|int)\s*(_\s*(\{[^{}]*\}|\S))?\s*$", start))


OPERATORS: dict[str, Operator] = {
    "flip a sign": flip_sign,
    "shift an index": shift_index,
    "another number in an index": other_number,
    "drop a bar": drop_bar,
    "add a bar": add_bar,
    "drop a log": drop_log,
    "add a log": add_log,
    "drop a factor 1/2": drop_half,
    "drop a factor 2": drop_two,
    "drop a square": drop_square,
    "drop a root": drop_root,
    "drop a transpose": drop_transpose,
    "add a transpose": add_transpose,
    "swap the arguments of a KL": swap_divergence,
    "swap a fraction": swap_fraction,
    "drop a term": drop_term,
    "drop a factor": drop_factor,
}


def other_density(side: str, spelled: frozenset[str]) -> Iterator[str]:
    """One density for another of the same question with the same arguments (p for q), or z|x for x|z."""
    text = Text(side)
    for i in range(len(text.tokens)):
        found = density_at(text, i)
        if found is None:
            continue
        name, arguments, end = found
        for other in sorted(spelled):
            other_name, _, other_arguments = other.partition("(")
            other_arguments = other_arguments[:-1]
            if (other_name != name and other_arguments == arguments) or (other_name == name and other_arguments != arguments and sorted(re.findall(r"[\w{}^-]+", other_arguments)) == sorted(re.findall(r"[\w{}^-]+", arguments))):
                yield text.edited(i, end, re.sub(r"_(\w{2,})", r"_{\1}", other))


def density_at(text: Text, i: int) -> tuple[str, str, int] | None:
    """Name, arguments and end of a density that begins at place i."""
    if not re.fullmatch(r"[pqPf]", text.tokens[i]) or (call := text.call(i)) is None:
        return None
    if i and text.tokens[i - 1].isalpha() and len(text.tokens[i - 1]) == 1:
        return None
    start, end, _ = call
    if text.tokens[i] == "f" and start == i + 1:
        return None
    name = _plain("".join(text.tokens[i:start]))
    arguments = _plain("".join(text.tokens[start + 1 : end]))
    return name, arguments, end + 1


def densities_of(latex: str) -> set[str]:
    """Every density call in a text, without white space."""
    text = Text(latex)
    found = (density_at(text, i) for i in range(len(text.tokens)))
    return {f"{f[0]}({f[1]})" for f in found if f}


def signs_for(rel: str) -> tuple[str, ...]:
    """The wrong signs for a sign."""
    return {"<=": (">=",), ">=": ("<=",), "<": (">",), ">": ("<",)}.get(rel, ())


def mutants(side: str, spelled: frozenset[str] = frozenset()) -> Iterator[tuple[str, str]]:
    """Every (kind, edited text) of one side, each text once."""
    seen = {_plain(side)}
    for kind, operator in (*OPERATORS.items(), ("swap p and q", lambda t: other_density(t.latex, spelled))):
        for made in operator(Text(side)):
            if _plain(made) not in seen and not _broken(made):
                seen.add(_plain(made))
                yield kind, made


def _plain(latex: str) -> str:
    """Without white space, faces and braces round a single letter."""
    bare = re.sub(r"\\(mathbf|boldsymbol)\s*\{([^{}]*)\}", r"\2", latex)
    return re.sub(r"_\{(\\?\w+)\}", r"_\1", re.sub(r"\s", "", bare))


def _broken(latex: str) -> bool:
    """Edits that leave no mathematics: an empty group, a sign before a closing bracket, nothing."""
    plain = re.sub(r"\\[,;!: ]|\s", "", latex)
    if re.search(r"(\\sqrt\{|\\log\(|\\ln\()-[^{}()+-]*(\{[^{}]*\})?[^{}()+-]*[})]", plain):
        return True  # the root or logarithm of what is always negative has no value
    tokens = Text(plain).tokens
    if not plain or "{}" in plain or "()" in plain or "[]" in plain:
        return True
    return any(a in "+-" and b in (*")]}+-,", r"\right") for a, b in pairwise(tokens)) or tokens[-1] in "+-"
