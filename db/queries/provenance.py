"""What an experiment's attempts were made by: the code of their workers, and the servers that answered them."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import JsonValue
from sqlalchemy import Engine, text

from db.engine import reading
from db.models import JsonObject
from db.rows import read

NOT_TOLD = "not told"

MADE_BY = text("""
SELECT provenances.facts, count(*) AS attempts, min(attempts.started_at) AS first_at,
    max(coalesce(attempts.ended_at, attempts.started_at)) AS last_at
FROM attempts
JOIN jobs ON jobs.id = attempts.job_id
CROSS JOIN LATERAL unnest(attempts.provenances) AS made (id)
JOIN provenances ON provenances.id = made.id
WHERE jobs.experiment_id = :experiment_id
GROUP BY provenances.id
ORDER BY first_at, provenances.id
""")


@dataclass(frozen=True, slots=True)
class MadeBy:
    """One state of code and servers, and how many attempts it made. An attempt that saw a swap counts for both."""

    facts: JsonObject
    attempts: int
    first_at: dt.datetime
    last_at: dt.datetime

    @property
    def server(self) -> JsonValue:
        """The model's server alone."""
        return self.facts.get("model")


def made_by(database: Engine, experiment_id: int) -> tuple[MadeBy, ...]:
    """In the order in which they began. Attempts from before this was asked are in none."""
    with reading(database) as connection:
        rows = connection.execute(MADE_BY, {"experiment_id": experiment_id})
        return tuple(read(MadeBy, row) for row in rows)


def swaps(states: Sequence[MadeBy]) -> tuple[str, ...]:
    """In words, for each model whose jobs were answered by servers that tell of themselves differently."""
    by_model: dict[str, list[JsonObject]] = {}
    for state in states:
        server = state.server
        if isinstance(server, dict):
            known = by_model.setdefault(str(server.get("name")), [])
            if server not in known:
                known.append(server)
    return tuple(_swap(model, servers) for model, servers in by_model.items() if _differing(servers))


def told(facts: JsonValue) -> JsonValue:
    """The facts with words where nothing was told."""
    if isinstance(facts, dict):
        return {name: told(value) for name, value in facts.items()}
    if isinstance(facts, list):
        return [told(value) for value in facts]
    return NOT_TOLD if facts is None else facts


def _swap(model: str, servers: Sequence[JsonObject]) -> str:
    names = ", ".join(_differing(servers))
    return f"{model} was answered by {len(servers)} servers, or states of one, that differ in {names}."


def _differing(servers: Sequence[JsonObject]) -> list[str]:
    """The facts that were told, and otherwise, by some of them."""
    names = dict.fromkeys(name for server in servers for name in server)
    values = {name: [server[name] for server in servers if server.get(name) is not None] for name in names}
    return [name for name, given in values.items() if any(value != given[0] for value in given)]
