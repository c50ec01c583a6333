r"""The prose of a .tex file as Markdown: faces, lists and spaces; what is not known stays as it is.

Main definition: `markdown_of_tex`. Signs that mean something to Markdown alone are escaped first.
"""

from __future__ import annotations

import re

SPECIAL = re.compile(r"([*_`\[\]<>#|])")
RULES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"(?<!\\)%.*"), ""),
    (re.compile(r"\\(?:emph|textit|textsl)\{([^{}]*)\}"), r"*\1*"),
    (re.compile(r"\\(?:textbf|underline)\{([^{}]*)\}"), r"**\1**"),
    (re.compile(r"\\(?:texttt|textsf|textrm|text|mbox)\{([^{}]*)\}"), r"\1"),
    (re.compile(r"\\(?:paragraph|subparagraph)\*?\{([^{}]*)\}"), r"**\1** "),
    (re.compile(r"\\item\s*(?:\\\[([^\[\]\\]*)\\\])?\s*"), r"\n- \1 "),
    (re.compile(r"\\(?:begin|end)\{[A-Za-z]+\*?\}(?:\\\[[^\[\]]*\\\])?"), "\n"),
    (re.compile(r"\\(?:label|cite[a-z]*|vspace\*?|hspace\*?)\{[^{}]*\}"), ""),
    (re.compile(r"\\(?:noindent|newpage|clearpage|maketitle|centering|medskip|bigskip|smallskip)\b"), ""),
    (re.compile(r"\\\\(?!\S)|~"), " "),
    (re.compile(r"``|''"), '"'),
    (re.compile(r"\\([%$&#_{}])"), r"\1"),
)  # fmt: skip


def markdown_of_tex(text: str) -> str:
    """The prose with LaTeX's ways of marking it turned into Markdown's."""
    text = SPECIAL.sub(r"\\\1", text.replace("``", '"'))
    for pattern, replacement in RULES:
        text = pattern.sub(replacement, text)
    return text
