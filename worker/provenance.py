"""What results were made by: our own code, and the servers as they are now. Kept with experiments and attempts.

A fact that nobody tells is null in the database, and "not told" where people read it.
"""

import json
import subprocess
from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from platform import python_version

from pydantic import JsonValue
from sqlalchemy import Engine

from db import transitions
from db.models import JsonObject
from db.settings import CHECKOUT, Settings
from scaling.generation import SEED_DERIVATION
from worker.graders.versions import VERSIONS
from worker.servers import Serving


@cache
def build(settings: Settings) -> JsonObject:
    """This Overthink: its version and commit, whether files differ from that commit, and the Python that runs it."""
    return {
        "overthink": _version(),
        "commit": settings.commit or _git("rev-parse", "HEAD"),
        "is_modified": None if settings.commit else _is_modified(),
        "python": python_version(),
    }


def of_experiment(settings: Settings) -> JsonObject:
    """What an expansion decides once for all attempts, whoever makes them."""
    graders: JsonObject = {name.value: each for name, each in VERSIONS.items()}
    return {"expanded_by": build(settings), "seed_derivation": SEED_DERIVATION, "graders": graders}


class Provenances:
    """The numbers under which the database keeps what this worker's attempts are made by, each written once."""

    def __init__(self, database: Engine, serving: Serving, settings: Settings) -> None:
        self._database = database
        self._serving = serving
        self._build = build(settings)
        self._facts_of: dict[int, JsonObject] = {}

    def now(self, model: str) -> int:
        """The number of what an attempt on `model` is made by at this moment. Safe across threads."""
        facts = self._facts(model)
        known = next((number for number, each in self._facts_of.copy().items() if each == facts), None)
        if known is None:
            known = transitions.provenance_id(self._database, digest_of(facts), facts)
            self._facts_of[known] = facts
        return known

    def of_attempt(self, model: str, at_claim: int) -> list[int]:
        """What an attempt was made by that was claimed under `at_claim` and ends now.

        Two numbers if a server was swapped meanwhile. A fingerprint that a server's first answer told is no swap.
        """
        number = self.now(model)
        is_same = is_no_swap(self._facts_of[at_claim], self._facts_of[number])
        return [number] if is_same else [at_claim, number]

    def _facts(self, model: str) -> JsonObject:
        return {
            "worker": self._build,
            "model": {"name": model, **self._serving.facts(model)},
            "verifiers": {name: self._serving.verifier_facts(name) for name in sorted(self._serving.verifiers)},
        }


def is_no_swap(before: JsonValue, after: JsonValue) -> bool:
    """Whether nothing that was told before is told otherwise after."""
    if isinstance(before, dict) and isinstance(after, dict):
        return before.keys() == after.keys() and all(is_no_swap(value, after[key]) for key, value in before.items())
    return before is None or before == after


def digest_of(facts: Mapping[str, object]) -> str:
    return sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()


def _version() -> str | None:
    try:
        return version("overthink")
    except PackageNotFoundError:
        return None


def _is_modified() -> bool | None:
    status = _git("status", "--porcelain", "--untracked-files=no")
    return None if status is None else bool(status)


def _git(*arguments: str) -> str | None:
    """None where the code is no checkout, or there is no git."""
    if not (CHECKOUT / ".git").exists():  # it may be installed inside somebody else's
        return None
    try:
        done = subprocess.run(
            ["git", "-C", str(CHECKOUT), *arguments], capture_output=True, text=True, timeout=10, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()
