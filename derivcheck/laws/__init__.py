r"""One law per file: statement, condition, source, what it holds for, what it refuses.

Main definitions: `all_laws` (by name), `Law`, `Example`, `Context`.

A law rewrites a term towards the normal form of the symbolic interpreter; it never looks at values. Each
file declares `LAW`. Why as functions from term to term and not as patterns: a side condition is then an
ordinary question to the context (`context.depends`, `context.positive`), which a test can grant in order
to see the law break.
"""

from derivcheck.laws._law import Context, Example, Law
from derivcheck.laws._rooms import all_laws

__all__ = ["Context", "Example", "Law", "all_laws"]
