"""Plain entries of a document's front matter: `id: elbo`.

Main definition: `value_of`. Why without a YAML reader: a title with a colon in it is no valid YAML, and
many pages have one.
"""

from __future__ import annotations

import re


def value_of(front_matter: str | None, key: str) -> str | None:
    """The text behind a key at the left margin, without quotes and comment; None if there is none."""
    found = re.search(rf"^{re.escape(key)}[ \t]*:[ \t]*(.*)$", front_matter or "", re.MULTILINE)
    if found is None:
        return None
    value = re.sub(r"[ \t]+#.*$", "", found[1]).strip()
    quoted = re.fullmatch(r"([\"'])(.*)\1", value)
    return (quoted[2] if quoted else value) or None
