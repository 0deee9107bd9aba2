"""Every fault there is, once, in an order that the seed decides: nothing lost, nothing doubled, nobody left behind."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
CLEAN = re.compile(r"[1-9]\d* jobs, [1-9]\d* traces, 0 lost, 0 doubled, 0 orphans")


@pytest.mark.timeout(3600)
def test_nothing_is_lost_or_doubled_and_nobody_is_left_behind_whatever_breaks() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.soak", "0", "--seed", "1"],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
    )
    print(done.stdout, done.stderr)
    assert CLEAN.fullmatch(done.stdout.splitlines()[-1])
    assert done.returncode == 0
