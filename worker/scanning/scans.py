"""The scans of one worker: one at a time, in a thread beside its slots, for as long as any waits that it can do.

It holds no state that PostgreSQL does not know: killed anywhere, whoever takes the scan next goes on behind its last
slice. Without PostgreSQL or Redis, the reconciler sees to it later.
"""

import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Event

from sqlalchemy import Engine

from db import transitions
from db.errors import FencedOutError
from db.queries.scanning import ids_to_scan, traces_to_scan
from db.status import ScanStatus
from db.transitions.scans import ClaimedScan, ScanLease
from scaling.errors import BadInputError
from scaling.protocols import EngineError
from scaling.scanners import Rule, read_scanner
from scaling.scanners.judge import Judge
from scaling.scanners.log_probs import LogProbs
from worker.database_outage import DATABASE_AWAY, first_line, patiently
from worker.loop import LoopThread
from worker.scanning.judging import Judging
from worker.scanning.looking import ByModel, ByRule, FruitlessScanError, JudgeAwayError, Looker, look_through
from worker.scanning.rules import BrokenScannerError, RuleProcess
from worker.scanning.scoring import Scoring
from worker.scanning.versions import VERSIONS
from worker.servers import Serving

log = logging.getLogger(__name__)

CANNOT_GO_ON = (BadInputError, BrokenScannerError, FruitlessScanError, JudgeAwayError, EngineError)


class Scans:
    """`work` is what a bell permits. Safe across threads."""

    def __init__(
        self,
        database: Engine,
        worker: str,
        models: Sequence[str],
        serving: Serving,
        loop: LoopThread,
        stopping: Event,
    ) -> None:
        self._database = database
        self._worker = worker
        self._models = models
        self._serving = serving
        self._loop = loop
        self._stopping = stopping
        self._process = RuleProcess()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="scan")
        self._leases: frozenset[ScanLease] = frozenset()

    def work(self) -> None:
        """A bell: some scan may wait. Waits for nothing."""
        if not self._stopping.is_set():
            self._thread.submit(self._take_all)

    def renew(self, pulse: Engine) -> None:
        """What was taken from us is noticed when the next slice is told."""
        if leases := self._leases:
            transitions.renew_scans(pulse, leases)

    def close(self) -> None:
        """Waits for the slice under way, and gives the scan back. Call it when `stopping` is set."""
        self._thread.shutdown(cancel_futures=True)
        self._process.close()

    def _take_all(self) -> None:
        try:
            while not self._stopping.is_set() and (scan := self._claim()):
                self._run(scan)
        except DATABASE_AWAY as error:
            log.warning("scans wait: PostgreSQL is away (%s)", first_line(error))

    def _claim(self) -> ClaimedScan | None:
        return transitions.claim_scan(self._database, self._worker, self._models, VERSIONS)

    def _run(self, scan: ClaimedScan) -> None:
        """Stores how it ended. The one broad except is here."""
        self._leases = frozenset({scan.lease})
        try:
            status = look_through(self._database, scan, self._looker(scan), self._stopping)
            self._end(scan, status)
        except FencedOutError as error:
            log.info("%s", error)
        except CANNOT_GO_ON as error:
            self._end(scan, ScanStatus.FAILED, str(error))
        except DATABASE_AWAY:
            raise
        except Exception as error:
            log.exception("scan %s of experiment %s", scan.id, scan.experiment_id)
            self._end(scan, ScanStatus.FAILED, f"{type(error).__name__}: {error}")
        finally:
            self._leases = frozenset()

    def _looker(self, scan: ClaimedScan) -> Looker:
        scanner = read_scanner(scan.params)
        if isinstance(scanner, Judge):
            judging = Judging(scanner, self._serving.engines[scanner.judge], scan.id)
            return ByModel(self._database, self._loop, judging, traces_to_scan)
        if isinstance(scanner, LogProbs):
            scoring = Scoring(scanner, self._serving.engines[scanner.of], scan.id)
            return ByModel(self._database, self._loop, scoring, ids_to_scan)
        assert isinstance(scanner, Rule), "there are rules, judges and log-probs"
        return ByRule(self._database, self._process, scanner)

    def _end(self, scan: ClaimedScan, status: ScanStatus, error: str | None = None) -> None:
        try:
            patiently(lambda: transitions.end_scan(self._database, scan.lease, status, error), f"scan {scan.id}")
        except FencedOutError as fenced_out:
            log.info("%s", fenced_out)
            return
        if error is not None:
            log.warning("scan %s: %s: %s", scan.id, status.value, error)
        else:
            log.info("scan %s: %s", scan.id, "given back" if status is ScanStatus.QUEUED else status.value)
