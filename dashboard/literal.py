"""Text from people and models, shown as it stands: nothing in it is read as Markdown, LaTeX or HTML.

Every page passes what it did not write itself through here, or shows it in a data frame or a code block, which are
literal already.
"""

import html
import re

MARKDOWN = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|$~:^=])")


def in_html(text: str) -> str:
    """For a text node or a quoted attribute. Direction marks stay, but are kept from reaching beyond it by the CSS."""
    return html.escape(text, quote=True)


def in_markdown(text: str) -> str:
    """For Streamlit's Markdown: every character that could mean something is escaped; lines are joined."""
    return MARKDOWN.sub(r"\\\1", re.sub(r"\s+", " ", text))


def message(text: str) -> str:
    """One of our own messages, which may quote what others wrote: between backticks is code, the rest is literal."""
    parts = " ".join(text.split()).split("`")
    if len(parts) % 2 == 0:
        return in_markdown(text)
    return "".join(f"`{part}`" if position % 2 and part else in_markdown(part) for position, part in enumerate(parts))


def in_plotly(text: str) -> str:
    """For labels and hover texts of a figure, which know a few HTML tags and entities."""
    return html.escape(text, quote=False)
