"""What a verdict comes to, in sentences. None says more than its band does, and no number stands without one."""

from collections.abc import Iterator, Sequence

from results.verdict.finding import Claimed, Rule, Standing, Verdicts
from results.wording import budget_shown, percent, points, points_interval
from scaling.compute.axes import Axis
from scaling.verdict.rule import Verdict, summed

WHY = {
    Axis.GENERATED_BY_ALL: "on it a token costs the same wherever it stands, and what is only read costs nothing",
    Axis.PROCESSED: "on it what is read counts too: prompts asked again, and all that a verifier is shown",
    Axis.LONGEST_PATH: "on it samples side by side cost no more than the longest of them, and Waits cost all they take",
    Axis.FLOPS: "on it each model's tokens count by its parameters",
    Axis.FLOPS_WITH_ATTENTION: "on it a token late in a long chain costs more, for what it attends to",
    Axis.EFLOPS: "on it a long chain costs most, for the KV cache that each of its tokens reads",
    Axis.GPU_SECONDS: "on it costs depend on what else the server did meanwhile",
    Axis.PRICE: "on it read and generated tokens have each model's own prices",
}
"""What an axis counts that others do not, where they disagree."""


def claim_words(claimed: Claimed, rule: Rule) -> str:
    """One paragraph."""
    if claimed.undecidable:
        return f"{_title(claimed)}: not asked. {_sentence(claimed.undecidable)}"
    return " ".join([f"{_title(claimed)}: {_headline(claimed, rule)}", *_details(claimed, rule)])


def _title(claimed: Claimed) -> str:
    return claimed.claim.name[:1].upper() + claimed.claim.name[1:]


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:]


def _headline(claimed: Claimed, rule: Rule) -> str:
    first, second = claimed.claim.first.name, claimed.claim.second.name
    agreeing = sum(1 for axis in claimed.axes if verdict_on(claimed, axis) is claimed.verdict)
    where = f" on {agreeing} of {len(claimed.axes)} axes" if len(claimed.axes) > 1 else f" on {claimed.axes[0].label}"
    margin = f"{rule.margin * 100:g} points"
    return {
        Verdict.BETTER: f"{second} is better than {first}{where}.",
        Verdict.WORSE: f"{second} is worse than {first}{where}.",
        Verdict.EQUIVALENT: f"{second} and {first} differ by less than {margin}{where}.",
        Verdict.MIXED: f"{second} is better than {first} at some budgets and worse at others{where}.",
        Verdict.UNDECIDED: f"undecided whether {second} is better than {first}.",
    }[claimed.verdict]


def _details(claimed: Claimed, rule: Rule) -> Iterator[str]:
    for verdict in (Verdict.BETTER, Verdict.WORSE):
        if standings := [each for each in claimed.standings if each.verdict is verdict]:
            yield _clearest(verdict, standings)
    yield from _disagreement(claimed)
    if undecided := [each for each in claimed.standings if each.verdict is Verdict.UNDECIDED]:
        yield _undecided(claimed, undecided)
    if turning := sum(each.cell.could_turn for each in claimed.standings):
        yield f"At {turning} of {len(claimed.standings)} places failed or unreadable answers could turn it round."


def _clearest(verdict: Verdict, standings: Sequence[Standing]) -> str:
    def distance(each: Standing) -> float:
        band = each.cell.difference
        return max(band.low, -band.high)

    clearest = max(standings, key=distance)
    among = f"the clearest of {len(standings)} such places" if len(standings) > 1 else "the only such place"
    return f"{_sentence(verdict.value)} {standing_words(clearest)}, {among}."


def standing_words(standing: Standing) -> str:
    """`within 128 tokens a problem (generated tokens of all models): 88.3% against 66.0%, …`."""
    band = standing.cell.difference
    return (
        f"within {budget_shown(standing.budget)} {standing.axis.unit} a problem ({standing.axis.label}): "
        f"{percent(standing.second.accuracy)} against {percent(standing.first.accuracy)}, {points(band)} points "
        f"(simultaneous 95 % band {points_interval(band)}), n = {band.n}"
    )


def _disagreement(claimed: Claimed) -> Iterator[str]:
    said = {axis: verdict_on(claimed, axis) for axis in claimed.axes}
    if len(set(said.values())) < 2:
        return
    apart = [axis for axis, verdict in said.items() if verdict is not claimed.verdict]
    listed = "; ".join(f"{said[axis].value} on {axis.label} ({WHY.get(axis, axis.counts)})" for axis in apart)
    yield f"Axes disagree: {listed}."


def _undecided(claimed: Claimed, undecided: Sequence[Standing]) -> str:
    needed = sorted(each.cell.problems_needed for each in undecided if each.cell.problems_needed is not None)
    whole = f"{len(undecided)} of {len(claimed.standings)} places are undecided"
    if not needed:
        return f"{_sentence(whole)}."
    if needed[0] == needed[-1]:
        return f"{_sentence(whole)}; about {needed[0]:,} problems would decide, if the differences stay."
    return (
        f"{_sentence(whole)}; about {needed[0]:,} problems would decide the first of them and {needed[-1]:,} the last, "
        "if the differences stay."
    )


def verdict_on(claimed: Claimed, axis: Axis) -> Verdict:
    """Over the budgets of an axis."""
    return summed(each.verdict for each in claimed.on(axis))


def notes_of(found: Verdicts) -> Iterator[str]:
    """What was not looked at, and why."""
    for claimed in found.claims:
        if claimed.standings:
            yield from (f"{_title(claimed)}, left out: {why}" for why in dict.fromkeys(claimed.left_out.values()))


def rule_words(rule: Rule) -> str:
    """By what it was decided."""
    fixed = "fixed in the spec" if rule.is_in_spec else "the defaults, since the spec fixes none"
    spoken = f"; chosen by the reader: {', '.join(rule.spoken)}" if rule.spoken else ""
    bins = (
        "all problems together"
        if rule.base is None
        else f"in {rule.base.bins.num_bins} bins of difficulty as {rule.base.arm.label} finds it"
    )
    return (
        f"The rule ({fixed}{spoken}): each family's best setting within the budget is chosen on one half of the "
        f"problems and measured on the other, {bins}; better or worse where the simultaneous 95 % band of the paired "
        f"difference excludes 0, equivalent where it lies within ±{rule.margin * 100:g} points, after Holm over the "
        "claims; a claim holds where most axes say the same."
    )
