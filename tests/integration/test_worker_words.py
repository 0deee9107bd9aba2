"""The reconciler makes new traces searchable while it pauses."""

from threading import Event

from sqlalchemy import Engine

from db.search.found import find_traces
from db.search.terms import terms_of
from tests.integration.scenes import claimed, running_experiment, succeed
from worker.bells import Bells
from worker.reconciler import Reconciler


def test_a_trace_is_found_after_the_reconcilers_next_pause(engine: Engine, redis_url: str) -> None:
    running_experiment(engine, num_problems=1)
    succeed(engine, claimed(engine).lease)
    bells = Bells(redis_url)
    Reconciler(engine, bells, lease_ttl_s=30.0).turn(Event(), pause_s=0.0)
    bells.close()
    assert find_traces(engine, terms_of("so")).total == 1
