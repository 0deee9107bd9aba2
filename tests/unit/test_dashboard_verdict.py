"""A claim as a plot and as a matrix, without drawing them."""

import json
from html.parser import HTMLParser

import pytest

from dashboard.charts.palette import GREEN, GREY, VERMILION, Looks
from dashboard.charts.verdict import arm_chosen, verdict_figure
from dashboard.views.verdict_matrix import matrix_html
from db.queries import Arm
from scaling.compute.axes import Axis
from tests.unit.hand_made_verdicts import STANDINGS, claimed, reached

ARMS = [
    Arm(number, number, label, "tiny", label.split()[0], {}, {})
    for number, label in enumerate(
        ("majority_vote samples=8", "majority_vote samples=80", "budget_forcing waits=1", "budget_forcing waits=2"), 1
    )
]


def test_both_families_stand_at_the_budgets_and_their_difference_below_in_its_band() -> None:
    figure = verdict_figure(claimed(), Axis.GENERATED_BY_ALL, 0.02, ARMS, Looks.of(ARMS))
    first, second, line, better, undecided, _ = figure.data
    assert (first.name, second.name) == ("votes &lt;b&gt;of four&lt;/b&gt;", "forcing")
    assert (list(first.y), list(second.y)) == ([0.5, 0.5], [pytest.approx(0.52), pytest.approx(0.7)])
    assert list(line.x) == [64, 128]
    assert all(a < b < c for a, b, c in zip(first.x, line.x, second.x, strict=True))  # side by side
    assert (better.name, list(better.x), list(better.y)) == ("▲ better", [128], [pytest.approx(20)])
    assert (list(better.error_y.array), list(better.error_y.arrayminus)) == ([pytest.approx(10)], [pytest.approx(10)])
    assert (undecided.name, undecided.marker.color, undecided.marker.symbol) == ("? undecided", GREY, "circle-open")
    assert "about 3,600 problems would decide it" in undecided.hovertext[0]


def test_verdicts_differ_in_form_and_in_colour() -> None:
    figure = verdict_figure(claimed(), Axis.LONGEST_PATH, 0.02, ARMS, Looks.of(ARMS))
    *_, worse, equivalent, margin = figure.data
    assert (worse.name, worse.marker.color, worse.marker.symbol) == ("▼ worse", VERMILION, "triangle-down")
    assert (equivalent.name, equivalent.marker.symbol) == ("≈ equivalent", "square")
    assert margin.name == "within ±2 points"
    assert GREEN not in {worse.marker.color, equivalent.marker.color}


def test_the_margin_is_a_zone_around_nought_of_the_lower_plot() -> None:
    figure = verdict_figure(claimed(), Axis.GENERATED_BY_ALL, 0.03, ARMS, Looks.of(ARMS))
    zone = next(each for each in figure.layout.shapes if each.type == "rect")
    assert (zone.y0, zone.y1, zone.yref) == (-3, 3, "y2")


def test_a_mark_opens_the_traces_of_what_was_chosen_where_that_is_one_arm() -> None:
    """Both votes are of one arm, k = 2 of its candidates and all; the forced ones are two."""
    first, second, *_ = verdict_figure(claimed(), Axis.GENERATED_BY_ALL, 0.02, ARMS, Looks.of(ARMS)).data
    assert [json.loads(each) for each in first.customdata] == [{"arm": "majority_vote samples=8"}] * 2
    assert list(second.customdata) == [None, None]
    assert "· majority_vote samples=8, k = 2<br>· majority_vote samples=8" in first.hovertext[0]
    assert arm_chosen(reached("votes", 8, 0.5, "majority_vote samples=80"), ARMS) == ARMS[1]


class Cells(HTMLParser):
    """Each cell's words, class and title."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[dict[str, str]] = []
        self.links: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attributes}
        if tag in ("th", "td"):
            self.found.append({"words": "", "class": told.get("class", ""), "title": told.get("title", "")})
        if tag == "a":
            self.links.append(told["href"])

    def handle_data(self, data: str) -> None:
        self.found[-1]["words"] += f"{data} "


def test_a_matrix_says_in_each_cell_its_budget_its_verdict_and_its_difference() -> None:
    *_, axis, over_all, worse, equivalent = Cells(matrix_html(claimed())).found
    assert axis["words"] == "tokens on the longest path "
    assert over_all["words"] == "▼ worse "  # of the two, one says nothing to the contrary
    assert (worse["words"], worse["class"]) == ("≤ 64 ▼ worse -15.0 ", "worse")
    assert (equivalent["words"], equivalent["class"]) == ("≤ 128 ≈ equivalent +0.1 ", "equivalent")
    assert "(simultaneous 95 % band -25.0 … -5.0), n = 100" in worse["title"]
    assert "votes <b>of four</b>: majority_vote samples=8, k = 2 / majority_vote samples=8" in worse["title"]
    assert "forcing minus votes &lt;b&gt;of four&lt;/b&gt;, in points" in matrix_html(claimed())
    assert "<b>of four" not in matrix_html(claimed())


def test_an_axis_of_the_matrix_opens_its_plot() -> None:
    assert Cells(matrix_html(claimed())).links == [
        "?claim=forcing&axis=generated+tokens+of+all+models",
        "?claim=forcing&axis=tokens+on+the+longest+path",
    ]


def test_what_is_undecided_says_how_many_problems_would_decide() -> None:
    cells = Cells(matrix_html(claimed())).found
    (undecided,) = [each for each in cells if each["class"] == "undecided"]
    assert "About 3,600 problems would decide it" in undecided["title"]
    assert len([each for each in cells if each["title"]]) == len(STANDINGS)
