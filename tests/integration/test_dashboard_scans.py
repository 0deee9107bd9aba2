"""The page of scans: what a scanner finds in ten traces at once, handing it in, and what a scan found."""

import json

from dashboard.scans.form import NAMES
from db.queries import TraceFilter, list_traces
from db.queries.scanning import scans
from db.status import ScanStatus
from scaling.scanners import SCANNERS
from scaling.scanners.matching import Text
from tests.integration.page_tables import doors_of, links_of, parameters, table_of
from tests.integration.scenes import scan_here
from tests.integration.test_dashboard_pages import (
    World,
    figures,
    gallery,
    html_of,
    opened,
    own_world,
    ran,
    read,
    said,
    settings_are,
    world,
)

__all__ = ["gallery", "own_world", "settings_are", "world"]


def page(world: World, name: str = "demo", **parameters: object):  # type: ignore[no-untyped-def]
    return opened("scans", of_experiment=world[name], **parameters)


def test_every_scanner_can_be_chosen_by_what_it_looks_for() -> None:
    assert set(NAMES) == set(SCANNERS)
    assert len(set(NAMES.values())) == len(NAMES)


def test_ten_traces_show_at_once_what_a_pattern_would_find(world: World) -> None:
    """In the demo, chains that were told to wait check each line: "… ok"."""
    app = page(world, look_for=NAMES["regex"], words="ok")
    rows = table_of(html_of(app), "preview")
    assert len(rows) == 10
    hits = [row for row in rows if row["where"] == "ok"]
    assert f"In 10 traces drawn from all: {len(hits)} with a hit." in read(app)
    assert 0 < len(hits) < 10
    assert [each.name for each in scans(world.engine, world["demo"])] == ["regex ok"], "looking stores nothing"


def test_where_a_pattern_is_none_the_reason_stands_below_it_and_nothing_can_be_run(world: World) -> None:
    app = page(world, look_for=NAMES["regex"], words="(")
    assert "is no regular expression" in said(app)
    assert [each.label for each in app.button if "Scan all" in each.label] == []


def test_what_was_not_typed_yet_is_asked_for(world: World) -> None:
    assert "Say what to look for" in read(page(world, look_for=NAMES["text"]))


def test_hostile_texts_are_looked_through_and_shown_literally(world: World) -> None:
    app = page(world, "hostile", look_for=NAMES["text"], words="<script>")
    (hit,) = [row for row in table_of(html_of(app), "preview") if row["where"] == "<script>"]
    assert hit["problem"].startswith("<script>document.title='owned'</script>")


def test_a_scan_is_handed_in_by_a_click_and_waits_for_a_worker(own_world: World) -> None:
    app = page(own_world, look_for=NAMES["loop"])
    next(each for each in app.button if each.label == "Scan all 16 traces").click()
    ran(app)
    (newest, *_) = scans(own_world.engine, own_world["demo"])
    assert (newest.name, newest.owner, newest.status) == ("loop", "tester", ScanStatus.QUEUED)
    one = page(own_world, scan=newest.id)
    (row,) = table_of(html_of(one), "scans-list")
    assert (row["scan"], row["status"]) == ("loop", "waits for a worker")
    next(each for each in one.button if each.label == "Stop").click()
    ran(one)
    assert scans(own_world.engine, own_world["demo"])[0].status is ScanStatus.CANCELLED


def test_what_a_scan_found_stands_arm_by_arm_and_its_hits_open_their_traces(world: World) -> None:
    (scan,) = scans(world.engine, world["demo"])
    app = page(world, scan=scan.id)
    arms = table_of(html_of(app), "scans")
    assert arms[-1]["arm"] == "all arms"
    assert "association, not effect" in read(app)
    assert len(table_of(html_of(app), "findings")) == min(200, scan.hit)
    doors = [door for door, *_ in doors_of(html_of(app), "findings")]
    assert all(door.startswith("./trace?job=") and "seek=ok" in door for door in doors)


def test_what_a_scan_found_is_drawn_and_each_mark_opens_its_traces(world: World) -> None:
    """A rule that counts has a number besides; chains of one arm have hits, and those of another have none."""
    (scan,) = scans(world.engine, world["demo"])
    shares, *others = figures(page(world, scan=scan.id))
    (marks,) = json.loads(shares)["data"]
    assert len(marks["x"]) == len({*marks["y"]}) > 1 and 0 <= min(marks["x"]) < max(marks["x"]) <= 1
    assert parameters(marks["customdata"][0])["hit"] == f"{scan.id} · regex ok"
    assert len(others) == 2


def test_hits_of_one_arm_are_those_of_its_row(world: World) -> None:
    (scan,) = scans(world.engine, world["demo"])
    label = "budget_forcing waits=2 max_thinking_tokens=800"
    app = page(world, scan=scan.id, of_arm=label)
    rows = table_of(html_of(app), "findings")
    assert {row["arm"] for row in rows} == {"2 Waits"}


def test_a_scan_leads_to_the_list_of_the_traces_that_it_has_a_hit_in(world: World) -> None:
    (scan,) = scans(world.engine, world["demo"])
    address = links_of(html_of(page(world, scan=scan.id)))["in the list of traces"]
    assert parameters(address) == {"experiment": str(world["demo"]), "hit": f"{scan.id} · regex ok"}
    listed = opened("traces", experiment=world["demo"], hit=f"{scan.id} · regex ok")
    assert f"hit of scan {scan.id} · regex ok" in html_of(listed)
    assert list_traces(world.engine, world["demo"], TraceFilter(hit=scan.id)).total == scan.hit


def test_a_hostile_name_is_shown_literally(own_world: World) -> None:
    name = "<img src=x onerror=alert(1)> :material/delete: **bold**"
    scan = scan_here(own_world.engine, own_world["demo"], Text(text="ok"), name)
    app = page(own_world, scan=scan)
    assert name in read(app)
    assert "<img src=x" not in html_of(app)


def test_a_scan_that_is_gone_is_said_and_the_others_are_listed(world: World) -> None:
    app = page(world, scan=999)
    assert "there is no scan '999'" in read(app)
    assert table_of(html_of(app), "scans-list")


def test_an_experiment_without_traces_says_so(world: World) -> None:
    assert "No traces yet" in read(page(world, "failed"))
