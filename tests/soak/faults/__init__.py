"""The table of faults, by name. Each is a function that does it, and returns how to tell that it has been got over.

It may take its time (a fault that lasts), and leaves nothing broken behind. `dice` chooses the victim.
"""

from tests.soak.faults.bells import bells_astray, bells_doubled, bells_garbled
from tests.soak.faults.connections import clock_moved, connections_terminated, links_cut, links_stood_still
from tests.soak.faults.fault import Fault
from tests.soak.faults.processes import (
    dashboard_killed,
    postgres_killed,
    postgres_restarted_fast,
    postgres_restarted_immediately,
    reconciler_frozen,
    reconciler_killed,
    redis_emptied,
    redis_restarted,
    vllm_engine_killed,
    vllm_server_killed,
    worker_frozen,
    worker_killed,
    worker_terminated,
)
from tests.soak.faults.quotas import connections_used_up, database_full, descriptors_used_up, log_full

FAULTS: dict[str, Fault] = {
    "worker killed (-9)": worker_killed,
    "worker terminated (TERM)": worker_terminated,
    "worker frozen past its lease": worker_frozen,
    "vLLM's server killed": vllm_server_killed,
    "vLLM's engine killed": vllm_engine_killed,
    "reconciler killed": reconciler_killed,
    "reconciler frozen": reconciler_frozen,
    "dashboard killed": dashboard_killed,
    "Redis emptied": redis_emptied,
    "Redis restarted": redis_restarted,
    "PostgreSQL killed (-9)": postgres_killed,
    "PostgreSQL restarted, fast": postgres_restarted_fast,
    "PostgreSQL restarted, immediately": postgres_restarted_immediately,
    "connections terminated": connections_terminated,
    "links cut": links_cut,
    "links stood still past the lease": links_stood_still,
    "quota filled: connections": connections_used_up,
    "quota filled: file descriptors": descriptors_used_up,
    "quota filled: log file": log_full,
    "quota filled: database": database_full,
    "clock moved": clock_moved,
    "bells doubled": bells_doubled,
    "bells astray": bells_astray,
    "bells garbled": bells_garbled,
}
