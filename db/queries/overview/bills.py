"""What open experiments have been charged until now, where the registry knew a price when they were expanded."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Engine, text

from db.counts import COUNT_COLUMNS, counts_of
from db.engine import reading
from db.models import JsonObject
from db.queries.totals import sums
from scaling.types import Counts

PRICED = text("""
SELECT id, models FROM experiments
WHERE id = ANY (CAST(:experiments AS bigint[])) AND jsonb_path_exists(
    models, '$.*.cost_facts ? (@.price_per_million != null || @.price_per_gpu_hour != null)')
""")

CHARGED = text(f"""
SELECT jobs.experiment_id, arms.model, arms.verifier, {sums(COUNT_COLUMNS)}
FROM jobs JOIN arms ON arms.id = jobs.arm_id JOIN attempts AS spent ON spent.job_id = jobs.id
WHERE jobs.experiment_id = ANY (CAST(:experiments AS bigint[]))
GROUP BY jobs.experiment_id, arms.model, arms.verifier
""")


@dataclass(frozen=True, slots=True)
class Charged:
    """By one model, and by a verifier where there is one, to all attempts of the arms that ask them."""

    model: str
    verifier: str | None
    counts: Counts


@dataclass(frozen=True, slots=True)
class Bill:
    """`models` are their facts, as the experiment knows them."""

    models: JsonObject
    charged: tuple[Charged, ...]


def bills(database: Engine, experiments: Sequence[int]) -> Mapping[int, Bill]:
    """By experiment; those of whose models no price is known are not in it."""
    with reading(database) as connection:
        priced = {row.id: row.models for row in connection.execute(PRICED, {"experiments": list(experiments)})}
        charged: dict[int, list[Charged]] = {each: [] for each in priced}
        for row in connection.execute(CHARGED, {"experiments": list(priced)}) if priced else ():
            charged[row.experiment_id].append(Charged(row.model, row.verifier, counts_of(row)))
    return {each: Bill(models, tuple(charged[each])) for each, models in priced.items()}
