"""The methods paragraph: what was done to reach the verdict, as a paper has it, with numbers for the sources."""

from collections.abc import Iterator, Sequence

from overthink.report.sources import AGRESTI_MIN, BANDS, HOLM, KINETICS, S1, SNELL, TANGO, Work
from results import Joined, Measurements, Verdicts
from scaling.compute.axes import Axis


def methods_words(measurements: Measurements, found: Verdicts, works: Sequence[Work]) -> str:
    """Empty where nothing could be compared."""
    if not any(each.standings for each in found.claims):
        return ""
    return " ".join(_sentences(measurements, found, {work: f"[{at}]" for at, work in enumerate(works, start=1)}))


def _sentences(measurements: Measurements, found: Verdicts, cited: dict[Work, str]) -> Iterator[str]:
    rule = found.rule
    repeats = measurements.shape[1]
    yield (
        f"Every arm was asked the same {_num_problems(measurements):,} problems"
        f"{f', {repeats:,} times each' if repeats > 1 else ''}; answers were read and compared by the graders named "
        "below, and an answer that is truncated or cannot be read counts as not correct. Jobs that failed have no "
        "result; where all of them, or the unreadable answers, could have turned a comparison, it is left undecided."
    )
    if S1 in cited:
        yield f"Budget forcing cuts a thought at its budget, or forces Waits in place of its end {cited[S1]}."
    yield (
        "A family is its arms, and what fewer samples of its votes and best-of-N would have given, by means over "
        "subsets. Within each budget, a mean per problem, each family’s setting was chosen "
        f"{_bins(found)} on one half of the problems and measured on the other, and the other way round "
        f"{cited[SNELL]}; both families in the same halves."
    )
    yield f"Compute was counted in {_axes(found)}{_kinetics(found, cited)}, from the engines’ own counts of tokens."
    joined = (
        f", joined with Agresti and Min’s {cited[AGRESTI_MIN]} where answers are shares" if AGRESTI_MIN in cited else ""
    )
    yield (
        "Differences were paired by problem. Their bands hold together over all axes and budgets of a claim (sup-t "
        f"{cited[BANDS]}, with 10,000 bootstrap resamples of problems); the ends are Tango’s score interval "
        f"{cited[TANGO]}{joined}, widened for what two-fold choice adds."
    )
    if HOLM in cited:
        yield f"Claims share an error rate of {100 * rule.level:g} % by Holm’s procedure {cited[HOLM]}."
    yield f"Differences within ±{100 * rule.margin:g} points are called equivalent where their whole band lies there."


def _num_problems(measurements: Measurements) -> int:
    """Of several experiments, those that all of them asked."""
    return measurements.num_common if isinstance(measurements, Joined) else measurements.experiment.num_problems


def _bins(found: Verdicts) -> str:
    """A claim whose bins would have too few problems has one."""
    most, *fewer = sorted({each.num_bins for each in found.claims if each.standings}, reverse=True)
    if most == 1:
        return "over all problems"
    return f"in each of {most} bins of difficulty{' (over all problems where bins have too few)' if fewer else ''}"


def _axes(found: Verdicts) -> str:
    labels = [axis.label for axis in dict.fromkeys(axis for each in found.claims for axis in each.axes)]
    return labels[0] if len(labels) == 1 else f"{', '.join(labels[:-1])} and {labels[-1]}"


def _kinetics(found: Verdicts, cited: dict[Work, str]) -> str:
    is_there = any(Axis.EFLOPS in each.axes for each in found.claims)
    return f" {cited[KINETICS]}" if is_there else ""
