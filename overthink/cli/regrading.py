"""Reading an experiment's answers anew, and saying what that has changed."""

from typing import TypedDict

from db import queries
from overthink import embedded
from overthink.cli import terminal
from overthink.cli.harmless import harmless
from overthink.cli.terminal import print_document
from worker.graders.regrading import Changes, regrade


class VerdictChange(TypedDict):
    """So many jobs had one verdict and have another."""

    before: str
    after: str
    jobs: int


class RegradeDocument(TypedDict):
    """`jobs` were read anew; of these `choices` have another candidate speak for them, and of all their candidates
    `answers` answer something else."""

    experiment: int
    is_dry: bool
    jobs: int
    verdicts: list[VerdictChange]
    answers: int
    choices: int


def regrade_experiment(reference: str, *, is_all: bool, is_dry: bool, as_json: bool) -> None:
    console = terminal.standard_error()
    with embedded.database_at_hand(console) as (_, database):
        summary = queries.experiment(database, reference).summary
        with console.status("Reading answers ...") as status:
            changes = regrade(
                database, summary.id, is_all=is_all, is_dry=is_dry,
                on_slice=lambda so_far: status.update(f"Read the answers of {so_far.jobs:,} jobs ..."),
            )  # fmt: skip
    if as_json:
        print_document(document(summary.id, changes, is_dry=is_dry))
        return
    print(f"Experiment {summary.id} ({harmless(summary.name)}): {sentence(changes, is_dry=is_dry)}")


def document(experiment_id: int, changes: Changes, *, is_dry: bool) -> RegradeDocument:
    return {
        "experiment": experiment_id,
        "is_dry": is_dry,
        "jobs": changes.jobs,
        "verdicts": [
            {"before": before.value, "after": after.value, "jobs": jobs}
            for (before, after), jobs in changes.verdicts.most_common()
        ],
        "answers": changes.answers,
        "choices": changes.choices,
    }


def sentence(changes: Changes, *, is_dry: bool) -> str:
    if not changes.jobs:
        return "every job is graded by the rules of today; --all reads them again."
    moved = [
        f"{jobs:,} from {before.value} to {after.value}" for (before, after), jobs in changes.verdicts.most_common()
    ]
    verdicts = f"{changes.verdicts.total():,} verdicts {'would change' if is_dry else 'changed'}"
    details = f" ({', '.join(moved)})" if moved else ""
    answers = f"{changes.answers:,} candidates answer something else, {changes.choices:,} jobs choose another"
    return f"{changes.jobs:,} jobs read anew. {verdicts}{details}; {answers}."
