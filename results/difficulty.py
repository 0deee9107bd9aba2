"""Problems by how hard they are for a base arm: each arm in each bin, and what follows for the choice of a strategy."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from results.choosing import Choices, choices
from results.easiness import Base, Easiness, base_of
from results.errors import NoResultsError
from results.exchange import Exchange, adjusted, exchanges, larger_models
from results.figures import Figure, own_figure
from results.measurements import Measurements, correct_PR, shape_over
from results.ratios import RatioArm, ratios
from results.settings import Setting, SettingFigure, all_of, line, lines_of, longest_lines
from scaling.compute.axes import Axis
from scaling.statistics.difficulty import NUM_BINS, Bins, accuracy_by_bin, bins_of_equal_size
from scaling.statistics.estimates import Estimate


@dataclass(frozen=True, slots=True, eq=False)
class Difficulty:
    """A problem's bin is −1 if the base arm has no result for it.

    `figures` are the arms' own, costs on the axis asked for; `by_bin` has each arm's accuracies, easiest bin first, by
    arm id. `choices` are by budget, smallest first; if there are none, `unchosen` says why. `lines` are the votes and
    best-of-k of arms with several candidates, the base arm's too. `exchanges` are empty without a larger model.
    """

    base: Base
    by: Easiness
    bins: Bins
    figures: tuple[Figure, ...]
    by_bin: Mapping[int, tuple[Estimate, ...]]
    choices: tuple[Choices, ...]
    unchosen: str | None
    lines: tuple[tuple[SettingFigure, ...], ...]
    ratios: tuple[tuple[RatioArm, ...], ...]
    exchanges: tuple[Exchange, ...]


def difficulty(
    measurements: Measurements,
    base: str,
    by: Easiness,
    axis: Axis = Axis.GENERATED_BY_ALL,
    num_bins: int = NUM_BINS,
    among: Measurements | None = None,
) -> Difficulty:
    """`base` is an arm's label or number, in the experiment `among` if one is given.

    Raises UnknownArmError, and NoResultsError if the base cannot tell.
    """
    told = base_of(measurements, base, by, axis, among)
    require_bins(told, by, num_bins)
    bins = bins_of_equal_size(told.easiness_P, num_bins)
    samples = measurements.samples
    shape = (measurements.experiment.num_problems, shape_over(samples)[1])
    mine = [each for each in samples if each.arm.model == told.arm.model]
    lines = lines_of(measurements, mine, axis, shape)
    made, unchosen = chosen(offered_by(lines, told), longest_lines(lines), told, bins, axis)
    return Difficulty(
        base=told,
        by=by,
        bins=bins,
        figures=tuple(own_figure(each, axis, measurements.models) for each in samples),
        by_bin={each.arm.id: accuracy_by_bin(correct_PR(each, shape), bins) for each in samples},
        choices=made,
        unchosen=unchosen,
        lines=tuple(tuple(each.figure for each in longest) for longest in longest_lines(lines)),
        ratios=ratios(samples, bins, shape),
        exchanges=adjusted(exchanged(measurements, told, bins, shape)),
    )


def require_bins(base: Base, by: Easiness, num_bins: int) -> None:
    """Each bin has to be parted into two halves."""
    num_problems = int((~np.isnan(base.easiness_P)).sum())
    if num_problems >= 2 * num_bins:
        return
    if by is Easiness.VERIFIER and num_problems == 0:
        raise NoResultsError(
            f"no verifier scored the candidates of arm {base.arm.label!r}; "
            "give a base arm that asks one, or --by oracle"
        )
    raise NoResultsError(
        f"{num_bins} bins of two halves need {2 * num_bins} problems with a result of arm {base.arm.label!r}, "
        f"got {num_problems}; wait for more results, or give fewer --bins"
    )


def offered_by(lines: Sequence[tuple[Setting, ...]], base: Base) -> list[Setting]:
    """All arms, and what fewer samples of the longest lines would have given; but none of the base arm's own.

    Chosen by bins that it made itself, those would flatter.
    """
    return [setting for setting in all_of(lines) if setting.arm.id != base.arm.id]


def chosen(
    offered: Sequence[Setting], lines: Sequence[tuple[Setting, ...]], base: Base, bins: Bins, axis: Axis
) -> tuple[tuple[Choices, ...], str | None]:
    """What Snell's choice gives; nothing and the reason where it cannot be made."""
    if not offered:
        return (), "there is no other arm on the base arm's model to choose from"
    try:
        made = choices(offered, lines, bins, base.cost_P)
    except ValueError as error:
        return (), str(error)
    return made, None if made else (
        f"no budget of {axis.label} pays for an arm with a result in both halves of every bin; wait for more results, "
        "ask for fewer bins, or count costs otherwise"
    )


def exchanged(measurements: Measurements, base: Base, bins: Bins, shape: tuple[int, int]) -> Iterator[Exchange]:
    """With each larger model whose parameters are known; none if there is no such model."""
    samples, models = measurements.samples, measurements.models
    ratio_of = larger_models([each.arm for each in samples], base.arm, models)
    mine = [each for each in samples if each.arm.model == base.arm.model]
    offered = offered_by(lines_of(measurements, mine, Axis.FLOPS, shape), base) if ratio_of else []
    for each in samples:
        if offered and each.arm.id in ratio_of:
            (larger,) = line(measurements, each, Axis.FLOPS, shape)
            yield from exchanges(larger, ratio_of[each.arm.id], offered, base, bins)
