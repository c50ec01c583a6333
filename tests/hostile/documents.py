"""Hostile pieces of documents, each between relations whose verdicts must not change."""

from __future__ import annotations

from collections.abc import Callable

CANARY = "/tmp/derivcheck-canary"

KNOWN = r"""We claim that

$$\log (a b) = \log a + \log b + c - c$$

and that

$$(u + v)^2 = u^2 + v^2$$
"""
BEFORE = f"# Problem 1\n\n{KNOWN}\n# Problem 2\n\n"
AFTER = f"\n\n# Problem 3\n\n{KNOWN}\n"
THEORY = r"""parameters: ['a > 0', 'b > 0', 'c \in \mathbb{R}', 'u \in \mathbb{R}', 'v \in \mathbb{R}']
"""
EXPECTED = ["correct", "incorrect"]


def display(latex: str) -> str:
    """A formula of its own."""
    return f"Then\n\n$$ {latex} $$\n"


def _matrix(n: int) -> str:
    row = " & ".join(["1"] * n)
    body = r" \\ ".join([row] * n)
    return rf"\det \begin{{pmatrix}} {body} \end{{pmatrix}} = u"


def _chain(n: int) -> str:
    return "u " + " ".join(f"= u + {k} - {k}" for k in range(n))


PIECES: dict[str, Callable[[], str]] = {
    "10,000 nested braces": lambda: display("u = " + "{" * 10_000 + "u" + "}" * 10_000),
    "10,000 nested brackets": lambda: display("u = " + "(" * 10_000 + "u" + ")" * 10_000),
    "10,000 nested fractions": lambda: display("u = " + r"\frac{1}{" * 10_000 + "u" + "}" * 10_000),
    "10,000 nested roots": lambda: display("u = " + r"\sqrt{" * 10_000 + "u" + "}" * 10_000),
    "5,000 nested scripts": lambda: display("u = u" + "^{u" * 5_000 + "}" * 5_000),
    "a tower of powers": lambda: display("9^{9^{9^9}} = u"),
    "a big power": lambda: display("2^{100000000} = u"),
    "a tower of variables": lambda: display("u^{v^{u^{v^{u^{v}}}}} = v"),
    "a big factorial": lambda: display("1000000000! = u"),
    "a million digits": lambda: display("u = 1" + "0" * 1_000_000),
    "a 1 MB formula": lambda: display("u = " + "u + " * 250_000 + "u"),
    "a 1 MB line of prose": lambda: "word " * 200_000,
    "a 1 MB line of dollars": lambda: "$" * 1_000_000,
    "a 1 MB line of backslashes": lambda: "\\" * 1_000_000,
    "a 1 MB line of backticks": lambda: "`" * 1_000_000,
    "unbalanced everything": lambda: display(r"u = \left( { [ \frac{1}{ ) } \right] \}} (( v]] \left. | \begin{aligned} \end{split}"),
    "an unclosed display": lambda: "$$ u = v + \\frac{1}{2\n\n",
    "dollars in odd numbers": lambda: "$ u = $ v $ = $$ u $$$ $",
    "a macro that calls itself": lambda: display(r"\def\a{\a\a}\a = u"),
    "macros that double": lambda: "".join(rf"$\newcommand{{\m{chr(97 + k)}}}{{\m{chr(98 + k)}\m{chr(98 + k)}}}$" + "\n" for k in range(25)) + r"$\newcommand{\mz}{u}$" + "\n" + display(r"\ma = u"),
    "a macro with 200 arguments": lambda: display(r"\newcommand{\f}[200]{#1 + #200} \f{u}{v} = u"),
    "NUL and bidi characters": lambda: display("u\x00 = \u202ev\u202c\u2066 + \ufeff u\u200b") + "text \x00 \u202e abc\n",
    "lone surrogates": lambda: display(r"u = \ud800 v"),
    "a 200 x 200 matrix": lambda: display(_matrix(200)),
    "50 nested integrals": lambda: display("".join(r"\int " for _ in range(50)) + "u" + " ".join(f"dx_{{{k}}}" for k in range(50)) + " = v"),
    "a sum over 10^9 x 10^9": lambda: display(r"\sum_{i=1}^{1000000000} \sum_{j=1}^{1000000000} i j = u"),
    "a product over 10^12": lambda: display(r"\prod_{i=1}^{10^{12}} i = u"),
    "twelve nested sums": lambda: display(r"".join(rf"\sum_{{{c}=1}}^{{100}} " for c in "abcdefghijkl") + "u = v"),
    "a joint of 40 variables": lambda: display("p(" + ", ".join(f"x_{{{k}}}" for k in range(40)) + ") = " + "".join(f"p(x_{{{k}}})" for k in range(40))),
    "a high derivative": lambda: display(r"\frac{\partial^{40}}{\partial u^{40}} \exp(\exp(\exp(u))) = u"),
    "many nested derivatives": lambda: display(r"\frac{d}{du} " * 60 + r"\exp(\sin(u)) = u"),
    "nested expectations": lambda: display(r"\mathbb{E}_{x \sim p}[" * 60 + "x" + "]" * 60 + " = u"),
    "an identity of size a million": lambda: display(r"\mathrm{tr}(I_{1000000}) = 1000000"),
    "a Kronecker tower": lambda: display("I_{9} " + r"\otimes I_{9} " * 30 + "= u"),
    "5,000 summands": lambda: display("u = " + " + ".join(["u v"] * 5_000)),
    "a file to read": lambda: display(r"\input{/etc/passwd} = u") + "\\input{/etc/passwd}\n\\include{/etc/passwd}\n",
    "code in words": lambda: display(rf"\text{{__import__('os').system('touch {CANARY}')}} = u") + rf"$$ u = \operatorname{{__import__('os').system('touch {CANARY}')}} $$",
    "code as mathematics": lambda: display(rf"__import__('os').system('touch {CANARY}') = u") + display(rf"u = exec(open('{CANARY}','w'))"),
    "a shell in TeX": lambda: display(rf"\immediate\write18{{touch {CANARY}}} u = u"),
    "code in YAML": lambda: f"---\nx: !!python/object/apply:os.system ['touch {CANARY}']\n---\n",
    "script in prose and in math": lambda: "<script>alert(1)</script>\n\n" + display(r"u = <script>alert(1)</script> v") + display(r"\text{<img src=x onerror=alert(1)>} = u"),
    "an empty display": lambda: "$$ $$\n\n$$=$$\n\n$$ = = = $$\n",
    "only signs": lambda: display("= < > \\leq \\geq \\neq \\sim \\approx" * 200),
    "very many headings": lambda: "".join(f"#### {k}.{k}\n\n" for k in range(5_000)),
    "a table of bars": lambda: display("u = " + "|" * 4_000 + "v"),
    "alternating scripts": lambda: display("u = " + "v_{1}^{2}" * 3_000),
    "spaces": lambda: display("u = v" + " " * 500_000 + "+ u"),
    "commands nobody knows": lambda: display(" ".join(rf"\foo{chr(97 + k % 26)}{{v}}" for k in range(2_000)) + " = u"),
}

SWALLOWS = frozenset({"a 1 MB line of backticks"})  # by Markdown's rules the rest of the text is code
SLOW = frozenset({"a sum over 10^9 x 10^9", "a high derivative", "many nested derivatives", "a 1 MB formula", "a 1 MB line of dollars"})
AMONG_OTHERS = tuple(name for name in PIECES if name not in SWALLOWS | SLOW)


def alone(name: str) -> str:
    """A document with one hostile piece between relations whose verdicts are known."""
    return BEFORE + PIECES[name]() + AFTER


def together(names: tuple[str, ...] = AMONG_OTHERS) -> str:
    """A document with many pieces, each in a question of its own, known relations between them."""
    parts: list[str] = []
    for number, name in enumerate(names):
        parts.append(f"# Problem {2 * number + 1}\n\n{KNOWN}\n# Problem {2 * number + 2}\n\n{PIECES[name]()}\n\n")
    return "".join(parts)
