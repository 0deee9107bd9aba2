"""What a verdict comes to, in sentences. None says more than its band does, and no number stands without one."""

from collections.abc import Iterator, Sequence

from results.verdict.finding import Claimed, Rule, Standing, Verdicts
from results.wording import budget_shown, percent, points, points_interval
from scaling.compute.axes import Axis
from scaling.verdict.rule import Decided, Verdict, summed

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

SIGNS = {
    Verdict.BETTER: "▲",
    Verdict.WORSE: "▼",
    Verdict.EQUIVALENT: "≈",
    Verdict.UNDECIDED: "?",
    Verdict.MIXED: "▲▼",
}
"""Beside the word, wherever a colour says the same."""


def claim_words(claimed: Claimed, rule: Rule) -> str:
    """One paragraph, which stands below the claim's name."""
    if claimed.decided is None:
        return f"Not asked: {claimed.undecidable}"
    return " ".join([headline(claimed, rule), *_details(claimed, claimed.decided, rule)])


def headline(claimed: Claimed, rule: Rule) -> str:
    """Its first sentence, of a claim that is decided."""
    return _sentence(_headline(claimed, rule))


def primary_words(found: Verdicts) -> str:
    """Empty where no outcome was fixed, or nothing can be said of it."""
    standing, claimed = found.primary, found.named(found.rule.primary.claim or "")
    if standing is None or claimed is None or claimed.decided is None:
        return ""
    said = _said(standing.verdict, claimed.claim.first.name, claimed.claim.second.name, found.rule)
    return f"The primary outcome: {said} {standing_words(standing, claimed.decided.level)}."


def title(claimed: Claimed) -> str:
    return _sentence(claimed.claim.name)


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:]


def _headline(claimed: Claimed, rule: Rule) -> str:
    said = _said(claimed.verdict, claimed.claim.first.name, claimed.claim.second.name, rule)
    if claimed.verdict in (Verdict.BETTER, Verdict.WORSE):
        gainsaid = Verdict.WORSE if claimed.verdict is Verdict.BETTER else Verdict.BETTER
        said = f"{said} at some budgets, and {gainsaid.value} at none,"
    return f"{' '.join(filter(None, (said, where_words(claimed))))}."


def where_words(claimed: Claimed) -> str:
    """On how many axes it is as the verdict says; empty where that says nothing."""
    if claimed.verdict is Verdict.UNDECIDED or not claimed.axes:
        return ""
    agreeing = sum(1 for axis in claimed.axes if verdict_on(claimed, axis) is claimed.verdict)
    return f"on {agreeing} of {len(claimed.axes)} axes" if len(claimed.axes) > 1 else f"on {claimed.axes[0].label}"


def _said(verdict: Verdict, first: str, second: str, rule: Rule) -> str:
    return {
        Verdict.BETTER: f"{second} is better than {first}",
        Verdict.WORSE: f"{second} is worse than {first}",
        Verdict.EQUIVALENT: f"{second} and {first} differ by less than {rule.margin * 100:g} points",
        Verdict.MIXED: f"{second} is better than {first} at some budgets and worse at others",
        Verdict.UNDECIDED: f"it is undecided whether {second} is better or worse than {first}",
    }[verdict]


def _details(claimed: Claimed, decided: Decided, rule: Rule) -> Iterator[str]:
    for verdict in (Verdict.BETTER, Verdict.WORSE):
        if standings := [each for each in claimed.standings if each.verdict is verdict]:
            yield _clearest(verdict, standings, decided.level)
    yield from _disagreement(claimed)
    if undecided := [each for each in claimed.standings if each.verdict is Verdict.UNDECIDED]:
        yield _undecided(claimed, undecided, rule.margin)
    if turning := sum(each.cell.could_turn for each in claimed.standings):
        yield f"At {turning} of {len(claimed.standings)} places failed or unreadable answers could turn it round."


def _clearest(verdict: Verdict, standings: Sequence[Standing], level: float) -> str:
    def distance(each: Standing) -> float:
        band = each.band
        return max(band.low, -band.high)

    clearest = max(standings, key=distance)
    among = f"the clearest of {len(standings)} such places" if len(standings) > 1 else "the only such place"
    return f"{_sentence(verdict.value)} {standing_words(clearest, level)}, {among}."


def standing_words(standing: Standing, level: float) -> str:
    """`within 128 tokens a problem (generated tokens of all models): 88.3% against 66.0%, …`."""
    band = standing.band
    return (
        f"within {budget_shown(standing.budget)} {standing.axis.unit} a problem ({standing.axis.label}): "
        f"{percent(standing.second.accuracy)} against {percent(standing.first.accuracy)}, {points(band)} points "
        f"({band_title(level)} {points_interval(band)}), n = {band.n}"
    )


def band_title(level: float) -> str:
    """Of bands that miss some difference of their claim with a chance of `level`."""
    return f"simultaneous {100 * (1 - level):.3g} % band"


def _disagreement(claimed: Claimed) -> Iterator[str]:
    said = {axis: verdict_on(claimed, axis) for axis in claimed.axes}
    if len(set(said.values())) < 2:
        return
    apart = [axis for axis, verdict in said.items() if verdict is not claimed.verdict]
    listed = "; ".join(f"{said[axis].value} on {axis.label} ({WHY.get(axis, axis.counts)})" for axis in apart)
    yield f"Axes disagree: {listed}."


def _undecided(claimed: Claimed, undecided: Sequence[Standing], margin: float) -> str:
    are_all = len(undecided) == len(claimed.standings)
    whole = f"{'all ' if are_all else f'{len(undecided)} of '}{len(claimed.standings)} places are undecided"
    needed = sorted(
        ((each.cell.problems_needed, each) for each in undecided if each.cell.problems_needed is not None),
        key=lambda pair: pair[0],
    )
    if not needed:
        return f"{_sentence(whole)}."
    (fewest, first), (most, last) = needed[0], needed[-1]
    if fewest == most:
        would = f"about {fewest:,} problems would decide, as {_decided_as(first, margin)}"
    else:
        would = (
            f"about {fewest:,} problems would decide the first of them, as {_decided_as(first, margin)}, and {most:,} "
            f"the last, as {_decided_as(last, margin)}"
        )
    return f"{_sentence(whole)}; {would}, if the differences stay."


def _decided_as(standing: Standing, margin: float) -> str:
    """What more problems would make of it, if its difference stays."""
    value = standing.band.value
    if margin - abs(value) > abs(value):
        return Verdict.EQUIVALENT.value
    return (Verdict.BETTER if value > 0 else Verdict.WORSE).value


def verdict_on(claimed: Claimed, axis: Axis) -> Verdict:
    """Over the budgets of an axis."""
    return summed(each.verdict for each in claimed.on(axis))


def notes_of(found: Verdicts) -> Iterator[str]:
    """What was not looked at, and why."""
    for claimed in found.claims:
        if claimed.standings and found.rule.base is not None and claimed.num_bins == 1:
            yield f"{title(claimed)}: too few problems for halves of each bin; they are taken together."
        if claimed.standings:
            yield from (f"{title(claimed)}, left out: {why}" for why in dict.fromkeys(claimed.left_out.values()))


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
        f"The rule ({fixed}{spoken}): at budgets that both families can use, each family's best setting is chosen on "
        f"one half of the problems and measured on the other, {bins}. Better or worse is said where the simultaneous "
        f"band of the paired difference excludes 0, equivalent where it lies within ±{rule.margin * 100:g} points; "
        f"something is wrongly called better or worse in {100 * rule.level:g} of 100 such experiments at most, over "
        "all claims (Holm). What failed or unreadable answers could turn round stays undecided, and a claim holds "
        "where most axes say the same."
    )
