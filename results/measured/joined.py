"""Arms of several experiments side by side, over the problems that all of them asked.

A problem is the same where question, reference answer and grader are: whatever a data set calls it, and whichever
subset was drawn. The arms of the other experiments stand among those of the first, under their experiment's name, with
their jobs at the places of the first one's problems; everything that compares, draws or costs arms then takes them as
they are. What only some experiments asked is left out, and counted.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from db.models import JsonObject
from db.queries import Annotation, Arm, ArmSamples, ArmTotals, ExperimentDetail, StoredJudgement
from results.errors import NoResultsError
from results.measured.measurements import Measurements

Places = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an arm is at home, and what it is called there."""

    experiment_id: int
    label: str


def together(measured: Sequence[Measurements]) -> Measurements:
    """The first, with the others' arms among its own if there are others. Raises NoResultsError."""
    home, *others = {each.experiment.id: each for each in measured}.values()
    return Joined(home, others) if others else home


class Joined(Measurements):
    """The first experiment's measurements, and the others' among them.

    NoResultsError if no problem is common to all.
    """

    def __init__(self, home: Measurements, others: Sequence[Measurements]) -> None:
        self.parts = (home, *others)
        places = places_in_first([each.problem_contents() for each in self.parts])
        self.num_common = int((places[0] >= 0).sum())
        if not self.num_common:
            raise NoResultsError(
                f"experiments {', '.join(str(each.experiment.id) for each in self.parts)} have no problem in common: "
                "none has the same question, answer and grader in all of them"
            )
        self._left_out = {each.experiment.id: int((at < 0).sum()) for each, at in zip(self.parts, places, strict=True)}
        self.origins = {
            each.arm.id: Origin(part.experiment.id, each.arm.label) for part in self.parts for each in part.samples
        }
        models, renamed = _models_of([each.experiment for each in self.parts])
        samples = [
            _moved(each, at, self._among(each.arm, part, renamed))
            for part, at in zip(self.parts, places, strict=True)
            for each in part.samples
        ]
        arms = tuple(each.arm for each in samples)
        super().__init__(home._database, replace(home.experiment, arms=arms, models=models), tuple(samples))

    def _among(self, arm: Arm, part: Measurements, renamed: Mapping[tuple[int, str], str]) -> Arm:
        """An arm of another experiment is on no line with arms of the first, which may have been asked otherwise."""
        experiment = part.experiment
        if part is self.parts[0]:
            return arm
        names = Counter(each.experiment.summary.name for each in self.parts)
        name = experiment.summary.name if names[experiment.summary.name] == 1 else str(experiment.id)
        return replace(
            arm,
            label=f"{name}:{arm.label}",
            model=renamed.get((experiment.id, arm.model), arm.model),
            verifier=renamed.get((experiment.id, arm.verifier or ""), arm.verifier),
            params={**arm.params, "experiment": f"#{experiment.id}"},
        )

    @property
    def left_out(self) -> Mapping[int, int]:
        """How many problems of each are not common to all."""
        return self._left_out

    def own(self, samples: ArmSamples) -> ArmSamples:
        whole = next(each for part in self.parts for each in part.samples if each.arm.id == samples.arm.id)
        return replace(whole, arm=samples.arm)

    def totals(self) -> tuple[ArmTotals, ...]:
        """Of the arms over all their own problems."""
        arms = {each.arm.id: each.arm for each in self.samples}
        return tuple(replace(each, arm=arms[each.arm.id]) for part in self.parts for each in part.totals())

    def annotations(self) -> tuple[Annotation, ...]:
        return tuple(chain.from_iterable(part.annotations() for part in self.parts))

    def judgements(self) -> tuple[StoredJudgement, ...]:
        return tuple(chain.from_iterable(part.judgements() for part in self.parts))

    @property
    def words(self) -> str:
        """Over which problems, and what is left out."""
        rest = [f"{count:,} of experiment {each} are left out" for each, count in self.left_out.items() if count]
        listed = ", ".join(str(each.experiment.id) for each in self.parts)
        problems = "problem is" if self.num_common == 1 else "problems are"
        return "; ".join([f"{self.num_common:,} {problems} common to experiments {listed}", *rest]) + "."


def places_in_first(contents: Sequence[Sequence[str]]) -> list[Places]:
    """Of each experiment's problems, in order: where they stand among the first one's; −1: not common to all.

    Of problems that one experiment asks twice, the first is the other's first.
    """
    numbered = [list(_with_occurrences(each)) for each in contents]
    common = set(numbered[0]).intersection(*numbered[1:])
    place = {content: at for at, content in enumerate(numbered[0])}
    return [np.array([place[each] if each in common else -1 for each in of_one], dtype=np.int64) for of_one in numbered]


def _with_occurrences(contents: Sequence[str]) -> Iterator[tuple[str, int]]:
    seen: Counter[str] = Counter()
    for content in contents:
        yield content, seen[content]
        seen[content] += 1


def _moved(samples: ArmSamples, at: Places, arm: Arm) -> ArmSamples:
    """The jobs whose problem has a place, in order of the places."""
    problem_J = at[samples.problem_J]
    order_J = np.lexsort((samples.repeat_J, problem_J))
    order_J = order_J[problem_J[order_J] >= 0]
    columns = {
        field.name: getattr(samples, field.name)[order_J] for field in fields(samples) if field.name.endswith("_J")
    }
    failed = tuple((int(at[problem]), repeat) for problem, repeat in samples.failed if at[problem] >= 0)
    jobs = replace(samples.jobs, succeeded=order_J.size, failed=len(failed))
    return replace(samples, **{**columns, "problem_J": problem_J[order_J]}, arm=arm, jobs=jobs, failed=failed)


def _models_of(experiments: Sequence[ExperimentDetail]) -> tuple[JsonObject, dict[tuple[int, str], str]]:
    """All snapshots by name; what one experiment knew otherwise under the same name has a name of its own there."""
    together: JsonObject = {}
    renamed: dict[tuple[int, str], str] = {}
    for experiment in experiments:
        for name, snapshot in (experiment.models or {}).items():
            if together.setdefault(name, snapshot) != snapshot:
                renamed[experiment.id, name] = f"{name} of experiment {experiment.id}"
                together[renamed[experiment.id, name]] = snapshot
    return together, renamed
