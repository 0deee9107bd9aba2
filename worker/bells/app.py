"""The Celery application: how bells travel. Redis carries no state; PostgreSQL knows what there is to do.

There are three tasks: to expand an experiment, to work for a model, and to scan traces. What they return and raise is
nobody's concern.
"""

from celery import Celery

from worker.bells import doorbell

EXPAND = "expand"
WORK = "work"
SCAN = "scan"

THREADS = 8
"""That answer bells: a bell to work at once, one to expand when that is done."""


def work_queue(model: str) -> str:
    """The queue of one model's bells."""
    return f"{WORK}.{model}"


def scan_queue(model: str | None) -> str:
    """The queue of bells for scans by a judge; None: for those that ask no model, which every worker can do."""
    return SCAN if model is None else f"{SCAN}.{model}"


def make_app(redis_url: str) -> Celery:
    """The same settings in every process that rings or listens. Nothing is connected yet."""
    doorbell.use()
    app = Celery("overthink", broker=redis_url, set_as_current=False, fixups=[])
    app.conf.update(
        task_ignore_result=True,
        task_serializer="json",
        accept_content=["json"],
        task_queues=None,
        task_create_missing_queues=True,
        task_default_queue=EXPAND,
        broker_transport_options={
            "ack_emulation": False,  # a bell is taken when it is heard: leases own recovery, not redelivery
            "socket_connect_timeout": 5,
            "socket_keepalive": True,
        },
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_channel_error_retry=True,  # whatever Redis refuses, it may take later
        worker_pool="threads",
        worker_prefetch_multiplier=1,
        worker_disable_prefetch=True,  # a bell that no thread is free for stays for another worker
        worker_enable_prefetch_count_reduction=False,
        worker_cancel_long_running_tasks_on_connection_loss=False,
        worker_enable_remote_control=False,
        worker_send_task_events=False,
        worker_hijack_root_logger=False,
        worker_redirect_stdouts=False,
        worker_proc_alive_timeout=60,
        enable_utc=True,
    )
    return app
