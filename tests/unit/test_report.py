"""The report's plots, its sources and its file, of verdicts made by hand."""

import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from overthink.report import UnwritableReportError, require_writable
from overthink.report.plots import caption, claim_svg, plots_words
from overthink.report.sources import S1, SNELL, TANGO
from results.measured.families import Family
from scaling.compute.axes import Axis
from tests.unit.hand_made_verdicts import claimed

pytest.importorskip("matplotlib", reason="matplotlib draws the report's plots; `make install` brings it")


class Svg(HTMLParser):
    """Its tags, its texts and its attributes' values by name."""

    def __init__(self, svg: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.texts: list[str] = []
        self.attributes: dict[str, set[str]] = {}
        self.feed(svg)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        for name, value in attributes:
            self.attributes.setdefault(name, set()).add(value or "")

    def handle_data(self, data: str) -> None:
        self.texts.append(data.strip())


def test_text_in_a_plot_is_text_and_nothing_in_it_is_asked_for_elsewhere() -> None:
    drawn = Svg(claim_svg(claimed(), Axis.GENERATED_BY_ALL, 0.02))
    assert {"64", "128", "best within the budget", "forcing", "▲", "?"} <= set(drawn.texts)
    assert not drawn.tags & {"script", "image", "foreignobject", "a"}
    assert all(each.startswith("#") for each in drawn.attributes.get("xlink:href", set()))
    assert not {name for name in drawn.attributes if name.startswith("on")}


def test_names_in_a_plot_are_set_literally() -> None:
    hostile = Family("<script>alert(1)</script> $\\frac{1}{2}$", (1,))
    claim = replace(claimed().claim, first=hostile, name='"><script>')
    standings = tuple(replace(each, first=replace(each.first, name=hostile.name)) for each in claimed().standings)
    svg = claim_svg(replace(claimed(), claim=claim, standings=standings), Axis.LONGEST_PATH, 0.02)
    assert hostile.name in Svg(svg).texts
    assert "<script" not in svg


def test_the_same_verdict_is_drawn_by_the_same_bytes_and_identifiers_are_there_to_be_referred_to() -> None:
    once, again = (claim_svg(claimed(), Axis.GENERATED_BY_ALL, 0.02) for _ in range(2))
    assert once == again
    identifiers = re.findall(r' id="([^"]+)"', once)
    assert identifiers and all(f"#{each}" in once for each in identifiers)
    other = claim_svg(claimed(), Axis.LONGEST_PATH, 0.02)
    assert not set(identifiers) & set(re.findall(r' id="([^"]+)"', other))  # both stand in one document


def test_plots_say_what_their_bands_are() -> None:
    assert caption(claimed(), Axis.LONGEST_PATH) == "tokens on the longest path; n = 100 problems"
    words = plots_words(claimed(), 0.02)
    assert "forcing minus votes <b>of four</b>, paired by problem, with its simultaneous 95 % band" in words
    assert "±2 points" in words


def test_a_work_is_cited_in_words_and_as_bibtex() -> None:
    assert S1.words == "Muennighoff, Niklas et al. (2025). s1: Simple test-time scaling. arXiv:2501.19393."
    assert SNELL.words.startswith("Snell, Charlie; Lee, Jaehoon; Xu, Kelvin; Kumar, Aviral (2024). ")
    assert TANGO.bibtex.startswith("@article{tango1998equivalence,\n  author = {Tango, Toshiro},\n")
    assert "eprint = {2408.03314}" in SNELL.bibtex


def test_a_path_that_cannot_be_written_is_refused_with_the_remedy(tmp_path: Path) -> None:
    require_writable(tmp_path / "verdict.html")
    with pytest.raises(UnwritableReportError, match=r"is a folder\. Give --report a file"):
        require_writable(tmp_path)
    with pytest.raises(UnwritableReportError, match=r"there is no folder .*/nowhere\. Give --report"):
        require_writable(tmp_path / "nowhere" / "verdict.html")
