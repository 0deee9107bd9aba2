"""A hit as HTML: the place is marked, and what else was looked for in what stands around it. All of it literally."""

import pytest

from dashboard.traces.found import marked
from dashboard.traces.rows import hit_html
from db.search.hits import Hit
from db.search.terms import terms_of
from scaling.types import Phase, StepKind

HIT = Hit((0, 0), StepKind.ANSWER, Phase.ANSWER, "await, <b> so ", "wait", " so \\boxed{<b>12} 512", False, True)


@pytest.mark.parametrize(
    ("says", "shown"),
    [
        ("", "await, &lt;b&gt; so <mark>wait</mark> so \\boxed{&lt;b&gt;12} 512…"),
        ("wait 12", "await, &lt;b&gt; so <mark>wait</mark> so \\boxed{&lt;b&gt;<mark>12</mark>} 512…"),
        ("wait SO", "await, &lt;b&gt; <mark>so</mark> <mark>wait</mark> <mark>so</mark> \\boxed{&lt;b&gt;12} 512…"),
        ("wait <b>", "await, <mark>&lt;b&gt;</mark> so <mark>wait</mark> so \\boxed{<mark>&lt;b&gt;</mark>12} 512…"),
    ],
)
def test_all_that_was_looked_for_is_marked_around_a_place_from_the_start_of_a_word(says: str, shown: str) -> None:
    assert f"</span> {shown}</div>" in hit_html(HIT, says)


def test_of_a_long_text_what_stands_around_the_first_place_is_shown() -> None:
    text = f"{'a' * 200} one <i> two {'b' * 400}"
    shown = marked(text, terms_of("two ONE"))
    assert shown.startswith("…aaa") and shown.endswith("bbb…")
    assert "<mark>one</mark> &lt;i&gt; <mark>two</mark> " in shown
