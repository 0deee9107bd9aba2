"""Which arms people prefer: of two traces of one problem, judged blind, how often the second arm's was better.

Beside it stands how often either is right, for that is another question: a wrong answer may read better.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from db.opinions import Choice, Shown
from db.queries import Arm, StoredJudgement
from results.columns import Column, Columns, Table, estimate
from results.comparisons import compare
from results.measured.measurements import Measurements
from results.questions import Question
from results.wording import UNKNOWN, accuracy, amount, pair_label, percent
from scaling.statistics.comparisons import PairedDifference, p_shown, together
from scaling.statistics.estimates import Estimate
from scaling.statistics.preferences import Agreement, agreement, left_share, preference, win_rate


@dataclass(frozen=True, slots=True)
class Preferred:
    """Two arms, by their order: `result` is how much more the second is preferred, `right` how much more it is right.

    `won`, `tied` and `lost` count judgements, of the second.
    """

    first: Arm
    second: Arm
    result: PairedDifference
    right: PairedDifference
    won: int
    tied: int
    lost: int
    people: int

    @property
    def rate(self) -> Estimate:
        return win_rate(self.result)

    @property
    def judgements(self) -> int:
        return self.won + self.tied + self.lost


@dataclass(frozen=True, slots=True)
class Preferences:
    """`people` made `judgements`; `left` is how often the left side was chosen where one was, over problems."""

    pairs: tuple[Preferred, ...]
    judgements: int
    people: tuple[str, ...]
    left: Estimate
    agreement: Agreement


def _preferences(measurements: Measurements, person: str | None = None, shown: Shown | None = None) -> Preferences:
    """Of one person, or where judges saw one thing; of all, unless told. Arms that were never judged are left out."""
    made = [each for each in measurements.judgements() if person in (None, each.person) and shown in (None, each.shown)]
    pairs = [_preferred(measurements, *arms, each) for arms, each in _by_arms(measurements, made).items()]
    results = together([each.result for each in pairs])
    adjusted = tuple(replace(each, result=result) for each, result in zip(pairs, results, strict=True))
    people = tuple(sorted({each.person for each in made}))
    return Preferences(adjusted, len(made), people, _left(made), _agreement(made))


def _by_arms(
    measurements: Measurements, made: Iterable[StoredJudgement]
) -> Mapping[tuple[int, int], list[StoredJudgement]]:
    """By the places of the two arms, the lower first, in their order."""
    places = {each.arm.id: place for place, each in enumerate(measurements.samples)}
    found: defaultdict[tuple[int, int], list[StoredJudgement]] = defaultdict(list)
    for each in made:
        first, second = sorted((places[each.left_arm], places[each.right_arm]))
        found[first, second].append(each)
    return dict(sorted(found.items()))


def _preferred(measurements: Measurements, first: int, second: int, made: Sequence[StoredJudgement]) -> Preferred:
    one, other = measurements.samples[first], measurements.samples[second]
    value_J = np.array([_value(each, other.arm) for each in made])
    return Preferred(
        first=one.arm,
        second=other.arm,
        result=preference(value_J, np.array([each.problem for each in made])),
        right=compare(measurements, one, other).result,
        won=int((value_J == 1).sum()),
        tied=int((value_J == 0.5).sum()),
        lost=int((value_J == 0).sum()),
        people=len({each.person for each in made}),
    )


def _value(judgement: StoredJudgement, second: Arm) -> float:
    """1: the second was preferred."""
    if judgement.choice is Choice.TIE:
        return 0.5
    return float(_chosen_job_arm(judgement) == second.id)


def _chosen_job_arm(judgement: StoredJudgement) -> int | None:
    """None: it was a tie."""
    sides = {Choice.LEFT: judgement.left_arm, Choice.RIGHT: judgement.right_arm}
    return sides.get(judgement.choice)


def _left(made: Iterable[StoredJudgement]) -> Estimate:
    sided = [each for each in made if each.choice is not Choice.TIE]
    numbers = {each: at for at, each in enumerate({(each.experiment_id, each.problem): None for each in sided})}
    problem_J = np.array([numbers[each.experiment_id, each.problem] for each in sided], dtype=np.int64)
    return left_share(np.array([float(each.choice is Choice.LEFT) for each in sided]), problem_J)


def _agreement(made: Iterable[StoredJudgement]) -> Agreement:
    """By pair of jobs, the arm that each person chose, wherever it stood; None: neither."""
    chosen: defaultdict[frozenset[int], list[int | None]] = defaultdict(list)
    for each in made:
        chosen[frozenset((each.left_job, each.right_job))].append(_chosen_job_arm(each))
    return agreement(chosen.values())


COLUMNS: Columns[Preferred] = (
    Column(
        "first", lambda it: it.first.label, "compared",
        show=lambda it: pair_label(it.first.label, it.second.label), of=lambda it: it,
    ),
    Column("second", lambda it: it.second.label),
    *estimate("win_rate", lambda it: it.rate, "win rate", "of the second, ties half, each problem once"),
    Column("problems", lambda it: it.rate.n, "n", "problems that were judged"),
    Column("judgements", lambda it: it.judgements, "judged", "judgements"),
    Column("won", lambda it: it.won, "won", "judgements for the second"),
    Column("tied", lambda it: it.tied, "tied", "judgements for neither"),
    Column("lost", lambda it: it.lost, "lost", "judgements for the first"),
    Column("people", lambda it: it.people, "people", "who judged"),
    Column("p_value", lambda it: it.result.p_value, "p", "exact, two-sided, of this pair alone", p_shown),
    Column(
        "adjusted_p_value", lambda it: it.result.adjusted_p_value, "adjusted", "Holm's p for all rows together",
        p_shown, needed=lambda rows: any(it.result.together > 1 for it in rows),
    ),
    Column("together", lambda it: it.result.together),
    Column(
        "clear", lambda it: it.result.is_clear, "", "interval and adjusted p agree that one is preferred",
        lambda is_clear: "clear" if is_clear else "unclear",
    ),
    Column("first_accuracy", lambda it: it.right.first, "first right", "of all problems in common", percent),
    Column("second_accuracy", lambda it: it.right.second, "second right", "of all problems in common", percent),
    Column("common_problems", lambda it: it.right.common_problems),
)  # fmt: skip


def table(found: Preferences) -> Table[Preferred]:
    return Table(COLUMNS, found.pairs, tuple(_notes(found)) if found.judgements else ())


def _notes(found: Preferences) -> Iterator[str]:
    yield (
        f"{found.judgements:,} judgements by {', '.join(found.people)}, made blind, sides drawn. The interval is over "
        "problems: other people may prefer otherwise."
    )
    if found.left.n:
        drawn = found.left.low <= 0.5 <= found.left.high
        beside = "no sign of a preference for a side" if drawn else "a preference for a side, which blurs what is told"
        yield f"Where a side was chosen it was the left one in {accuracy(found.left)} of the cases: {beside}."
    yield _agreement_note(found.agreement)


def _agreement_note(found: Agreement) -> str:
    if not found.pairs:
        return "No pair was judged by two people: how far they agree is not known."
    alpha = UNKNOWN if np.isnan(found.alpha) else amount(found.alpha)
    pairs = f"{found.pairs:,} pair{'' if found.pairs == 1 else 's'}"
    return (
        f"Two people chose the same in {percent(found.alike)} of {pairs} that both judged (Krippendorff's α {alpha})."
    )


PREFERENCES = Question("preferences", "Which answers do people prefer?", _preferences, table, is_live=True)
