"""Every way in which the state may change, named. Nothing else writes to the database.

Each is one transaction around guarded UPDATEs: the WHERE names the status (and for jobs the attempt) that the change
starts from, and the affected row is checked. Times are the database's own clock unless `now` is given, so that
workers with wrong clocks agree. Locks are taken in one order, so that no two transitions wait for each other in a
circle: the experiment, then its jobs by id, then their attempts.
"""

from db.errors import FencedOutError, UnknownExperimentError, WrongStatusError
from db.transitions.cap import stop_at_cap
from db.transitions.claim import claim, claim_several
from db.transitions.expansion import begin_expansion, create_experiment, leave_expansion, renew_expansions
from db.transitions.fleet import (
    announce_model,
    announce_verifier,
    announce_worker,
    provenance_id,
    reconciling,
    retire_worker,
    tell_vitals,
)
from db.transitions.layout import store_expansion
from db.transitions.leases import free_expired_leases, heartbeat
from db.transitions.lifecycle import (
    cancel_experiment,
    close_finished_experiments,
    edit_experiment,
    fail_expansion,
    pause_experiment,
    resume_experiment,
    retry_experiment,
    retry_failures,
)
from db.transitions.outcome import fail_attempt, made_by, release
from db.transitions.people import annotate_experiment, annotate_job, judge, take_back_judgement
from db.transitions.regrade import Regraded, regrade
from db.transitions.scans import (
    cancel_scan,
    claim_scan,
    create_scan,
    delete_scan,
    end_scan,
    free_expired_scans,
    renew_scans,
    store_findings,
    tell_asking,
    waiting_scans,
)
from db.transitions.spending import settle_spending, tell_spending
from db.transitions.success import Success, require_owned, succeed, succeed_together, success
from db.transitions.uploads import delete_upload, keep_upload
from db.transitions.waiting import Need, queued_experiments, waiting_by_need
from db.transitions.words import read_words

__all__ = [
    "FencedOutError",
    "Need",
    "Regraded",
    "Success",
    "UnknownExperimentError",
    "WrongStatusError",
    "annotate_experiment",
    "annotate_job",
    "announce_model",
    "announce_verifier",
    "announce_worker",
    "begin_expansion",
    "cancel_experiment",
    "cancel_scan",
    "claim",
    "claim_scan",
    "claim_several",
    "close_finished_experiments",
    "create_experiment",
    "create_scan",
    "delete_scan",
    "delete_upload",
    "edit_experiment",
    "end_scan",
    "fail_attempt",
    "fail_expansion",
    "free_expired_leases",
    "free_expired_scans",
    "heartbeat",
    "judge",
    "keep_upload",
    "leave_expansion",
    "made_by",
    "pause_experiment",
    "provenance_id",
    "queued_experiments",
    "read_words",
    "reconciling",
    "regrade",
    "release",
    "renew_expansions",
    "renew_scans",
    "require_owned",
    "resume_experiment",
    "retire_worker",
    "retry_experiment",
    "retry_failures",
    "settle_spending",
    "stop_at_cap",
    "store_expansion",
    "store_findings",
    "succeed",
    "succeed_together",
    "success",
    "take_back_judgement",
    "tell_asking",
    "tell_spending",
    "tell_vitals",
    "waiting_by_need",
    "waiting_scans",
]
