"""A job whose worker was killed, or stopped, goes on where it was: what was kept is not asked again, nor paid again."""

import signal
import subprocess
from collections.abc import Sequence

from sqlalchemy import text

from db.audit import audit
from tests.conftest import wait_until
from tests.integration.fake_vllm import FakeVllm
from tests.integration.test_worker_runs import Service, all_succeeded, experiment, server
from tests.integration.test_worker_spending import GENERATED, QUESTION, VOTE, parts

__all__ = ["parts", "server"]

CHAINS = 300
PROMPT, CACHED = 71, 64
"""Of the prompt's 71 tokens four blocks of 16 are found in the cache, by every chain but the first."""

TRACE = """
SELECT prompt_tokens, cached_tokens, generated_tokens, num_candidates, attempt FROM traces ORDER BY job_id DESC LIMIT 1
"""


def begun(parts: Service, server: FakeVllm) -> subprocess.Popen[bytes]:
    """The worker that has begun one job of many chains, eight of them at a time."""
    server.block_size = 16
    server.delay_s = 0.2
    parts.start("reconcile")
    worker = parts.start("worker")
    experiment(parts.database, 1, QUESTION, strategies=[{**VOTE, "samples": CHAINS}])
    wait_until(lambda: server.num_answered >= 16)
    return worker


def kept(parts: Service) -> int:
    number = parts.value("SELECT count(DISTINCT key) FROM journal, unnest(keys) AS key")
    assert isinstance(number, int)
    return number


def trace(parts: Service) -> Sequence[object]:
    with parts.database.connect() as connection:
        return tuple(connection.execute(text(TRACE)).one())


def require_undisturbed(parts: Service, server: FakeVllm) -> None:
    """As if it had run at once."""
    server.delay_s = 0.0
    wait_until(lambda: all_succeeded(parts, 1))
    assert trace(parts) == (CHAINS * PROMPT, (CHAINS - 1) * CACHED, CHAINS * GENERATED, CHAINS, 2)
    assert audit(parts.database) == {}
    assert kept(parts) == 0


def test_what_a_killed_worker_had_kept_is_not_asked_again(parts: Service, server: FakeVllm) -> None:
    """What it was told is kept at the next telling; what was in flight is asked again, and its first asking is lost."""
    victim = begun(parts, server)
    server.delay_s = 600.0
    wait_until(lambda: kept(parts) == server.num_answered)
    victim.send_signal(signal.SIGKILL)
    victim.wait()
    wait_until(lambda: server.num_asked == server.num_answered + server.num_aborted)
    number, answered = kept(parts), server.num_answered

    parts.start("worker")
    require_undisturbed(parts, server)
    assert server.num_answered - answered == CHAINS - number
    first, second = (parts.value(f"SELECT generated_tokens FROM attempts WHERE attempt = {n}") for n in (1, 2))
    assert (first, second) == (number * GENERATED, (CHAINS - number) * GENERATED)
    assert parts.value("SELECT unknown_requests >= 8 FROM attempts WHERE attempt = 1") is True


def test_a_stopped_worker_keeps_all_that_it_was_told(parts: Service, server: FakeVllm) -> None:
    worker = begun(parts, server)
    worker.terminate()
    assert worker.wait() == 0
    number, answered = kept(parts), server.num_answered
    assert 0 < number * GENERATED == parts.value("SELECT generated_tokens FROM attempts WHERE outcome = 'released'")

    parts.start("worker")
    require_undisturbed(parts, server)
    assert server.num_answered - answered == CHAINS - number


def test_a_job_that_is_tried_again_after_its_server_failed_goes_on(parts: Service, server: FakeVllm) -> None:
    begun(parts, server)
    server.failures = [500] * 100_000
    wait_until(lambda: parts.value("SELECT count(*) FROM attempts WHERE outcome = 'failed'") == 1)
    server.failures.clear()
    assert kept(parts) == server.num_answered
    require_undisturbed(parts, server)
    assert server.num_answered == CHAINS
