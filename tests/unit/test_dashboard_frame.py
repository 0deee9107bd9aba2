"""What is around every page: its keys, its style sheets and its bar."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboard import keys, page
from dashboard.bar import TOOLS
from dashboard.ways import link_html

STYLES = Path(__file__).parents[2] / "dashboard/styles"


def test_a_link_says_by_which_key_it_opens_and_what_for() -> None:
    made = link_html("Next ›", "?job=2", key="j", says="next trace", replaces=True)
    assert 'data-key="j" data-says="next trace" aria-keyshortcuts="j" title="next trace (key &quot;j&quot;)"' in made
    assert made.endswith(" data-replaces>Next ›</a>")
    assert 'data-says="&lt;b&gt;&#x27;s"' in link_html("<b>'s", "./", key="b")


def test_a_link_without_an_address_has_no_key_that_would_do_nothing() -> None:
    assert "data-key" not in link_html("Next ›", None, key="j")
    assert "data-key" not in link_html("Next ›", "./")


def test_every_style_sheet_is_on_every_page_once() -> None:
    """In one element of styles alone, which Streamlit gives no place on the page."""
    style = page.style()
    sheets = [path.read_text(encoding="utf-8") for path in STYLES.glob("*.css")]
    assert sheets and all(style.count(sheet) == 1 for sheet in sheets)
    assert style.startswith("<style>") and style.endswith("</style>") and style.count("<") == 2


def test_what_the_bars_buttons_do_the_script_knows() -> None:
    """A button whose `data-does` the script does not know would do nothing."""
    script = keys.SCRIPT.read_text(encoding="utf-8")
    does = script[script.index("const DOES") :].split("}")[0]
    assert all(f"{name}:" in does for name, *_ in TOOLS)


def two_parts() -> None:
    """What a page is made of, the first part broken."""
    import streamlit as st

    from dashboard import page

    def live() -> None:
        with page.panel():
            st.text("drawn before")
            raise ZeroDivisionError("of <b>no</b> jobs")

    st.fragment(live)()
    with page.panel():
        st.text("the other part")
        st.stop()
    st.text("never")


def test_what_goes_wrong_in_one_part_is_said_there_and_the_rest_lives(caplog: pytest.LogCaptureFixture) -> None:
    app = AppTest.from_function(two_parts).run()
    assert [each.value for each in app.text] == ["drawn before", "the other part"]
    assert page.BROKEN in app.markdown[0].value and app.expander[0].label == "Details"
    assert [each.message for each in app.exception] == ["of <b>no</b> jobs"], "with its words, under the details"
    assert "ZeroDivisionError" in caplog.text, "the log has it, too"


def test_no_page_ends_before_it_is_drawn_but_for_another() -> None:
    """The browser would wait for the word that it has come: keys that are pressed meanwhile would never be heard."""
    folder = STYLES.parent
    stops = {path.name for path in folder.rglob("*.py") if "st.stop(" in path.read_text(encoding="utf-8")}
    assert stops == {"ways.py", "keeper.py"}  # for another page; for what the browser answers


def come() -> None:
    import streamlit as st

    from dashboard import page, ways

    with ways.coming("traces"), page.panel(is_page=True):
        st.title("Traces")
        page.required_number("experiment", "experiment")


def test_a_page_says_which_address_it_was_drawn_for_though_it_has_no_more_to_say_and_none_ends_the_script() -> None:
    app = AppTest.from_function(come)
    app.query_params["says"] = "</script><b>"
    said = [app.run(timeout=60).get("html")[0].proto.body for _ in range(2)]
    assert not app.exception and app.title[0].value == "Traces"
    told = '"traces", [["says", "\\u003c/script>\\u003cb>"]]'
    assert all(f"window.overthink.come({told})" in each and each.count("<") == 2 for each in said)
    assert said[0] != said[1], "a script that stays the same is not run again"
