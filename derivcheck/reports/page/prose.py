"""Prose to HTML: Markdown without raw HTML, images or dangerous links, with mathematics set in."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markupsafe import Markup

from derivcheck.reports.words.visible import visible

SLOT = re.compile("\ue000(\\d+)\ue001")
KEPT = frozenset("\n\t\ue000\ue001")


def slot(number: int) -> str:
    """What stands for the inset of this number in the Markdown."""
    return f"\ue000{number}\ue001"


def made_safe(text: str) -> str:
    """A stranger's prose: no private signs that could name a slot, controls made visible."""
    return visible(text, keep=frozenset("\n\t"))


class ProseWriter:
    """Markdown to HTML; slots become the insets that they name."""

    def __init__(self) -> None:
        self._markdown = MarkdownIt("commonmark", {"html": False, "linkify": False})
        self._markdown.enable("table").disable(["code", "html_block", "html_inline"])
        for name, rule in (("text", _text), ("image", _image), ("code_inline", _code)):
            self._markdown.add_render_rule(name, rule)
        self._markdown.add_render_rule("link_open", _link)

    def block(self, text: str, insets: Sequence[Markup]) -> Markup:
        """Paragraphs, lists, tables."""
        # raw HTML is off, text is escaped, and insets come from our own renderer
        return Markup(self._markdown.render(text, {"insets": insets}))  # noqa: S704

    def inline(self, text: str, insets: Sequence[Markup]) -> Markup:
        """One line, as a heading holds."""
        return Markup(self._markdown.renderInline(text, {"insets": insets}))  # noqa: S704


def _set_in(html: str, insets: Sequence[Markup]) -> str:
    def inset(found: re.Match[str]) -> str:
        number = int(found[1])
        return str(insets[number]) if number < len(insets) else ""

    return SLOT.sub(inset, html)


def _text(self: RendererHTML, tokens: Sequence[Token], i: int, options: Any, env: Any) -> str:
    del self, options
    return _set_in(escapeHtml(tokens[i].content), env["insets"])


def _code(self: RendererHTML, tokens: Sequence[Token], i: int, options: Any, env: Any) -> str:
    del self, options
    return f"<code>{_set_in(escapeHtml(tokens[i].content), env['insets'])}</code>"


def _image(self: RendererHTML, tokens: Sequence[Token], i: int, options: Any, env: Any) -> str:
    """A page without network shows what a picture is called, not the picture."""
    del self, options
    name = tokens[i].content or "without a name"
    return f'<span class="picture">[picture: {_set_in(escapeHtml(name), env["insets"])}]</span>'


def _link(self: RendererHTML, tokens: Sequence[Token], i: int, options: Any, env: Any) -> str:
    tokens[i].attrSet("rel", "noreferrer noopener")
    tokens[i].attrs.pop("title", None)  # a title could hold a slot, where no inset may go
    return self.renderToken(tokens, i, options, env)
