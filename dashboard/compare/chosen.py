"""Which arms are compared, as the address has them: one, and others against it, of any experiments on one data set.

An arm stands there as `3:LABEL`, by its experiment's id; without an id it is one of `home`. Where several experiments
are named their arms stand among one another (`results.Joined`), and only what all of them asked is looked at.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import streamlit as st

from dashboard import data
from dashboard.address import Page, here, href
from dashboard.page import number_in_url
from db.queries import Arm, ExperimentDetail
from results import Joined, Measurements, UnknownArmError
from results.measured.joined import Origin
from results.measured.worth_comparing import worth_comparing
from results.words.arm_names import ArmNames, arm_names
from scaling.errors import suggestion


@dataclass(frozen=True, slots=True)
class Reference:
    """An arm by its experiment and the label that it has there."""

    experiment: int
    label: str

    def __str__(self) -> str:
        return f"{self.experiment}:{self.label}"


def reference(said: str, home: int | None) -> Reference | None:
    """None: it names no experiment, and there is no home."""
    number, colon, label = said.partition(":")
    if colon and number.isdecimal() and number.isascii() and len(number) <= 18:
        return Reference(int(number), label)
    return None if home is None else Reference(home, said)


@dataclass(frozen=True, slots=True, eq=False)
class Chosen:
    """`first` and those against it are arms as they stand among one another in `measured`.

    `detail` is the first's experiment, `others` are the versions of the other experiments.
    """

    detail: ExperimentDetail
    others: tuple[data.Revision, ...]
    measured: Measurements
    names: ArmNames
    first: Arm
    against: tuple[Arm, ...]

    @property
    def homes(self) -> Mapping[int, Origin]:
        return self.measured.origins if isinstance(self.measured, Joined) else {}

    def reference(self, arm: Arm) -> Reference:
        home = self.homes.get(arm.id)
        return Reference(self.detail.id, arm.label) if home is None else Reference(home.experiment_id, home.label)

    def name(self, arm: Arm) -> str:
        return self.names[arm.label]

    def address(self, first: Arm, against: Sequence[Arm]) -> str:
        """Of this page with these arms instead."""
        arms = {"from": str(self.reference(first)), "to": [str(self.reference(each)) for each in against] or None}
        return here(Page.COMPARE, **arms, home=None, look=None, pair=None, of_job=None, alt=None)


def chosen(first: Reference, against: Sequence[Reference]) -> Chosen:
    """Raises UnknownExperimentError, UnknownArmError, and NoResultsError where nothing was asked of all."""
    ids = list(dict.fromkeys(each.experiment for each in (first, *against)))
    details = [data.experiment(each) for each in ids]
    revisions = [data.Revision.of(each.summary) for each in details]
    measured = data.joined(revisions[0], tuple(revisions[1:]))
    arms = {_of(each, measured, details[0].id): each for each in measured.experiment.arms}
    taken, rest = _known(arms, first), {each: _known(arms, each) for each in against if each != first}
    names = arm_names(measured.experiment.arms)
    return Chosen(details[0], tuple(revisions[1:]), measured, names, taken, tuple(rest.values()))


def _of(arm: Arm, measured: Measurements, home: int) -> Reference:
    origin = measured.origins.get(arm.id) if isinstance(measured, Joined) else None
    return Reference(home, arm.label) if origin is None else Reference(origin.experiment_id, origin.label)


def _known(arms: Mapping[Reference, Arm], wanted: Reference) -> Arm:
    if wanted in arms:
        return arms[wanted]
    labels = [each.label for each in arms if each.experiment == wanted.experiment]
    told = suggestion(wanted.label, labels, "It has")
    raise UnknownArmError(f"experiment {wanted.experiment} has no arm {wanted.label!r}{told}")


def said() -> tuple[Reference | None, tuple[Reference, ...], int | None]:
    """From the address: the first arm, those against it, and the experiment to choose from."""
    home = number_in_url("home")
    first = st.query_params.get("from")
    others = [reference(each, home) for each in st.query_params.get_all("to")]
    return reference(first, home) if first else None, tuple(each for each in others if each), home


def with_its_twin(experiment: int, arms: Sequence[Arm], arm: Arm, job: int) -> str | None:
    """A trace beside the one of the arm that it is worth comparing with, else of the first other one; None: no other.

    The twin stands on the left if the trace's own arm is what has more.
    """
    pairs = [pair for pair in worth_comparing(arms) if arm.id in (pair[0].id, pair[1].id)]
    as_more = [pair for pair in pairs if pair[1].id == arm.id]
    others = [(arm, other) for other in arms if other.id != arm.id]
    pair = next(iter((*as_more, *pairs, *others)), None)
    if pair is None:
        return None
    first, second = (str(Reference(experiment, each.label)) for each in pair)
    return href(Page.COMPARE, **{"from": first, "to": second}, of_job=job)


def once_on_the_experiments_page(experiment: int, labels: Sequence[str], told: Mapping[str, str]) -> str:
    """Where two arms were compared before this page was: an old address leads here, to the same arms and options."""
    if told.get("part") == "what is worth comparing" or len(labels) < 2:
        return href(Page.COMPARE, home=experiment)
    first = told.get("from") or labels[0]
    is_all = told.get("part") == "all against the first"
    others = [each for each in labels if each != first] if is_all else [told.get("to") or labels[-1]]
    rest = {name: told.get(name) for name in ("part", "problems", "cell", "compute", "at") if not is_all}
    against = [str(Reference(experiment, each)) for each in others]
    return href(Page.COMPARE, **{"from": str(Reference(experiment, first)), "to": against, **rest})
