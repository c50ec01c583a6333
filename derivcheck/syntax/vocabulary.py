"""The words and commands that tokens and statements know, as tables."""

from __future__ import annotations

TEXTS = frozenset(r"\text \textrm \textnormal \mbox \textit \textbf \textsf \hbox \texttt".split())
"""Commands whose argument is text."""

NAMES = frozenset(r"\mathrm \operatorname \textup \mathit \mathsf".split())
"""Commands that set a name upright; some authors set words with them."""

SET_AS_NAMES = frozenset(
    "and|or|where|if|for|with|otherwise|s.t.|s.t|st|subject to|such that|when|then|hence|so|since|for all|"
    "for any|thus|therefore|given|because".split("|")
)
"""Words that are no name even where they are set as one."""

ROW_TEXTS = frozenset(r"\intertext \shortintertext".split())

WITH_ARGUMENT = frozenset(
    r"\tag \label \color \hspace \vspace \phantom \hphantom \vphantom \ref \eqref \cite \footnote \hskip "
    r"\definecolor \setlength".split()
)
"""Commands that mean nothing, with their argument."""

ALONE = frozenset(
    r"\nonumber \notag \displaystyle \textstyle \scriptstyle \scriptscriptstyle \limits \nolimits \allowbreak "
    r"\strut \mathstrut \large \Large \small \normalsize \tiny \huge \Huge \footnotesize \centering \noindent "
    r"\hfill \hfil \break \nobreak \displaybreak \allowdisplaybreaks \relax \qedhere \qed".split()
)
"""Commands that mean nothing and have no argument."""

SPACES = frozenset(
    [*r"\, \; \: \! \> \/ \- \thinspace \enspace \enskip ~ \thickspace \medspace".split(), "\\ "]
)

OPERATORS = frozenset(
    r"+ - * / − · × ⊗ ⊙ ∗ \cdot \times \pm \mp \otimes \oplus \odot \circ \bigotimes \ast \star \div \cup \cap "
    r"\wedge \vee \setminus \bullet".split()
)
"""Binary operators: a row that begins with one goes on with the row before."""

_BRACKETS = (
    r"( ( ) | [ [ ] | \{ { \} | \lbrace { \rbrace | \lbrack [ \rbrack | \langle < \rangle | \lceil c \rceil | "
    r"\lfloor f \rfloor | \lVert V \rVert | \lvert v \rvert"
)
_TRIPLES = [part.split() for part in _BRACKETS.split(" | ")]
OPENERS = {opening: kind for opening, kind, _ in _TRIPLES}
CLOSERS = {closing: kind for _, kind, closing in _TRIPLES}

WRAPPERS = dict.fromkeys(r"\boxed \fbox \ensuremath \bbox \framebox".split(), 0) | dict.fromkeys(
    r"\textcolor \colorbox \mathcolor".split(), 1
)
"""Commands around a formula that mean nothing, and how many arguments stand before the formula."""

ALIGNING = frozenset(
    "align alignat flalign gather multline eqnarray equation displaymath math aligned alignedat gathered split "
    "subequations dmath dgroup IEEEeqnarray empheq xalignat".split()
)
"""Environments that only set rows."""

SYSTEMS = frozenset("array cases rcases dcases tabular matrix".split())
"""Environments that only set rows where nothing stands before them."""

ENVIRONMENT_ARGUMENTS = frozenset(
    "alignat alignedat xalignat array tabular IEEEeqnarray empheq".split()
)

CONNECTIVES = frozenset(
    "and or where so let if for then hence since with when otherwise as because by thus therefore suppose assume "
    "we have get such that is given from define denote note now but also similarly to the in on of ie eg i.e e.g "
    "i.e. e.g. st s.t. s.t subject iff implies means using via note: finally firstly first secondly second next "
    "set put letting assuming recall consider claim which any all every each wlog clearly obviously namely "
    "likewise while whereas else unless until after before this these it here there same both proof solution "
    "answer step case into over under only provided whenever "
    "für falls wobei und mit da also daher sonst oder somit sei pour si où avec et donc sinon para donde con".split()
)
"""Words between formulas, in any position."""
