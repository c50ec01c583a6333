r"""Mathematical letters and signs of Unicode as LaTeX: `𝔼` is `\mathbb{E}`, `α` is `\alpha`, `𝐱` is `x`.

Main definitions: `to_commands`, `placed_back`.
"""

from __future__ import annotations

import unicodedata

_GREEK = (
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho sigma tau "
    "upsilon phi chi psi omega"
).split()
_SIGNS = {
    "−": "-", "–": "-", "·": r"\cdot ", "⋅": r"\cdot ", "×": r"\times ", "∗": "*", "∕": "/", "⁄": "/",
    "∫": r"\int ", "∬": r"\iint ", "∑": r"\sum ", "∏": r"\prod ", "√": r"\sqrt ", "∇": r"\nabla ",
    "∂": r"\partial ", "∞": r"\infty ", "‖": r"\| ", "∥": r"\| ", "∣": "|", "⟨": r"\langle ", "⟩": r"\rangle ",
    "≤": r"\leq ", "≥": r"\geq ", "≠": r"\neq ", "≈": r"\approx ", "∼": r"\sim ", "∝": r"\propto ",
    "→": r"\to ", "⇒": r"\implies ", "⇔": r"\iff ", "∈": r"\in ", "⊗": r"\otimes ", "⊙": r"\odot ",
    "⊤": r"\top ", "′": "'", "″": "''", "ℓ": r"\ell ", "ϵ": r"\epsilon ", "ε": r"\varepsilon ", "ϕ": r"\phi ",
    "φ": r"\varphi ", "ϑ": r"\vartheta ", "ς": r"\varsigma ", "≔": ":=", "…": r"\dots ", "⋯": r"\cdots ",
    "½": r"\frac{1}{2}", "²": "^2", "³": "^3", "ᵀ": r"^\top ", "∆": r"\Delta ", "µ": r"\mu ",
}  # fmt: skip
_FACES = (
    ("DOUBLE-STRUCK", "mathbb"),
    ("SCRIPT", "mathcal"),
    ("FRAKTUR", "mathfrak"),
    ("BLACK-LETTER", "mathfrak"),
)


def _command(sign: str) -> str:
    if sign in _SIGNS:
        return _SIGNS[sign]
    plain = unicodedata.normalize("NFKC", sign)
    if plain != sign and len(plain) == 1:
        name = unicodedata.name(sign, "")
        if plain.isascii() and plain.isalpha():
            for word, face in _FACES:
                if word in name:
                    return f"\\{face}{{{plain}}}"
        return plain if plain.isascii() else _command(plain)
    name = unicodedata.name(sign, "")
    if name.startswith(("GREEK SMALL LETTER ", "GREEK CAPITAL LETTER ")):
        letter = name.rsplit(" ", 1)[1].lower().replace("lamda", "lambda")
        if letter in _GREEK:
            return f"\\{letter if 'SMALL' in name else letter.capitalize()} "
    return sign if not sign.isspace() else " "


def to_commands(text: str) -> tuple[str, list[int] | None]:
    """The text in ASCII, and for every place in it the place in the original (None: unchanged)."""
    if text.isascii():
        return text, None
    pieces: list[str] = []
    origin: list[int] = []
    for place, sign in enumerate(text):
        piece = sign if sign.isascii() else _command(sign)
        pieces.append(piece)
        origin.extend([place] * len(piece))
    origin.append(len(text))
    return "".join(pieces), origin


def placed_back(span: tuple[int, int], origin: list[int] | None) -> tuple[int, int]:
    """A span of the text in ASCII as a span of the original."""
    if origin is None:
        return span
    start, end = (origin[min(place, len(origin) - 1)] for place in span)
    return (start, max(end, start + 1) if span[1] > span[0] else end)
