"""What a worker or reconciler says: state changes, once each, with experiment and job ids; libraries only warnings."""

import logging
import sys

from db.status import AttemptOutcome
from worker.events import Closed, Ended, Expanded, Listener, Lost

FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"

log = logging.getLogger(__name__)


def log_to_stderr() -> None:
    """For a process of our own. Does nothing if logging is configured already."""
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format=FORMAT)
    logging.getLogger("worker").setLevel(logging.INFO)


class Logs(Listener):
    """The lines on the life of jobs and experiments. A job that is claimed and succeeds is none."""

    def ended(self, event: Ended) -> None:
        job = event.job
        match event.outcome:
            case AttemptOutcome.CANCELLED:
                log.info("job %s, attempt %s: cancelled", job.job_id, job.attempt)
            case AttemptOutcome.LOST:
                log.info("job %s, attempt %s: no longer ours (%s)", job.job_id, job.attempt, event.error)
            case AttemptOutcome.FAILED:
                ids = job.job_id, job.experiment_id, job.attempt
                outcome = "for good" if event.retry_in_s is None else f"again in {event.retry_in_s:.0f} s"
                log.warning("job %s of experiment %s, attempt %s: failed (%s): %s", *ids, outcome, event.error)

    def lost(self, event: Lost) -> None:
        ids = event.lease.job_id, event.lease.attempt, event.worker
        log.warning("job %s, attempt %s: lost with worker %s; it is %s now", *ids, event.status.value)

    def expanded(self, event: Expanded) -> None:
        log.info("experiment %s (%s): %s jobs", event.experiment_id, event.name, event.num_jobs)

    def closed(self, event: Closed) -> None:
        if event.reason is None:
            log.info("experiment %s: %s", event.experiment_id, event.status.shown)
        else:
            log.warning("experiment %s cannot be expanded: %s", event.experiment_id, event.reason)
