"""The dashboard's server, `python -m dashboard`, with Streamlit's options.

Streamlit imports a page at the first visit. What takes seconds of that is imported here, before the server answers.
"""

import sys
from pathlib import Path

import pandas  # noqa: F401
from streamlit.web.cli import main

import worker.submit  # noqa: F401

APP = Path(__file__).with_name("app.py")

if __name__ == "__main__":
    sys.argv[1:1] = ["run", str(APP)]
    main(prog_name="streamlit")
