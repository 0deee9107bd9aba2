"""The dashboard's pages, served by `python -m dashboard`. They are found by their URL, hidden ones too."""

import streamlit as st

from dashboard import bar, ways
from dashboard import page as frame
from dashboard.address import Page

PAGES = (
    st.Page("app_pages/experiments.py", title="Experiments", icon=":material/monitoring:", default=True),
    st.Page("app_pages/submit.py", title="New", icon=":material/add_circle:", url_path="submit"),
    st.Page("app_pages/compare.py", title="Compare", icon=":material/compare_arrows:", url_path="compare"),
    st.Page("app_pages/queue.py", title="Queue & workers", icon=":material/dns:", url_path="queue"),
    st.Page("app_pages/judge.py", title="Judge", icon=":material/balance:", url_path="judge"),
    st.Page("app_pages/experiment.py", title="Experiment", url_path="experiment", visibility="hidden"),
    st.Page("app_pages/traces.py", title="Traces", url_path="traces", visibility="hidden"),
    st.Page("app_pages/trace.py", title="Trace", url_path="trace", visibility="hidden"),
    st.Page("app_pages/problem.py", title="Problem", url_path="problem", visibility="hidden"),
    st.Page("app_pages/scans.py", title="Scans", url_path="scans", visibility="hidden"),
    st.Page("app_pages/search.py", title="Search", url_path="search", visibility="hidden"),
)

st.set_page_config(page_title="Overthink", page_icon=frame.ICON, layout="wide")
st.html(frame.style())
ways.prepared()
page = st.navigation(list(PAGES), position="top")
bar.drawn(has_search=any(each.url_path == Page.SEARCH for each in PAGES))
with ways.coming(page.url_path), frame.panel(is_page=True):
    page.run()
