"""Text from people and models, shown as it stands: nothing in it is read as Markdown, LaTeX, an icon, a link or HTML.

Every page passes what it did not write itself through here, or shows it in a data frame, a code block, or as an option
of a select box, which are literal already. `st.badge`, `st.pills` and `st.metric` are given none of it.
"""

import html
import re
from collections.abc import Iterable

MARKDOWN = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|$~:^=/@&])")
COMBINED = re.compile(r"(?<=.)(?=[:@])|(?<=^:)(?=.)|(?<=www)(?=\.)|(?<=[<>\-~=])(?=[<>\-~=])", re.IGNORECASE)
"""Where Streamlit would combine escaped characters all the same, after Markdown: to icons, emoji, links and arrows."""
NOTHING = ":small[]"
"""Streamlit's Markdown for an empty piece of text: what stands at its two sides is not combined."""

OURS = re.compile(r"(`(?:overthink [a-z][^`:]*|OVERTHINK_[A-Z_]+)`)")
"""What our messages tell to type or to set."""


def in_html(text: str) -> str:
    """For a text node or a quoted attribute. Direction marks stay, but are kept from reaching beyond it by the CSS."""
    return html.escape(text, quote=True)


def in_markdown(text: str) -> str:
    """For Streamlit's Markdown: every character that could mean something is escaped; lines are joined."""
    pieces = COMBINED.split(re.sub(r"\s+", " ", text))
    return NOTHING.join(MARKDOWN.sub(r"\\\1", piece) for piece in pieces)


def message(text: str) -> str:
    """One of our own messages, which may quote what others wrote: what is to be typed is code, the rest is literal."""
    joined = " ".join(text.split())
    return "".join(part if OURS.fullmatch(part) else in_markdown(part) for part in OURS.split(joined))


def in_plotly(text: str) -> str:
    """For labels and hover texts of a figure, which know a few HTML tags and entities."""
    return html.escape(text, quote=False)


def tags_html(tags: Iterable[str]) -> str:
    """Small labels, each in its own direction."""
    return "".join(f'<span class="ot-tag" dir="auto">{in_html(tag)}</span>' for tag in tags)
