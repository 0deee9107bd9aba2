"""Bins of difficulty as tables: what they hold, each arm in them, and the choice by bin."""

from collections.abc import Sequence

from rich.table import Table

from overthink.cli.render import count, p_value, plain
from overthink.cli.terminal import table
from overthink.difficulty_documents import DifficultyDocument, RivalDocument, ShareDocument


def bins_table(document: DifficultyDocument) -> Table:
    measure = "pass@1" if document["by"] == "oracle" else "mean final score"
    numbers = ("bin", "problems", f"{measure} of the base arm")
    made = table(*numbers, "", numbers=numbers)
    last = len(document["bins"])
    for each in document["bins"]:
        said = {1: "easiest", last: "hardest"}.get(each["bin"], "")
        spread = f"{each['easiness_low']:.3f} … {each['easiness_high']:.3f}"
        made.add_row(str(each["bin"]), f"{each['problems']:,}", spread, said)
    return made


def bars_table(document: DifficultyDocument) -> Table:
    """Accuracy and interval in each bin."""
    bins = [f"bin {each['bin']}" for each in document["bins"]]
    numbers = (*bins, "n", "failed", "truncated", "unparsed")
    made = table("arm", *numbers, numbers=numbers)
    for arm in document["arms"]:
        made.add_row(
            plain(arm["label"]),
            *(share(each) for each in arm["by_bin"]),
            f"{arm['n']:,}",
            count(arm["failed"], "red"),
            count(arm["truncated"], "yellow"),
            count(arm["unparsed"], "yellow"),
        )
    return made


def optimal_table(document: DifficultyDocument) -> Table:
    """The choice at each budget, and what it is worth over every arm of that budget."""
    unit = document["unit"]
    numbers = (
        "chains",
        "chosen by bin",
        "n",
        f"cost, {unit}",
        "with binning",
        "ceiling",
        "points",
        "95 % interval",
        "p",
    )
    made = table(*numbers[:6], "over", *numbers[6:], numbers=numbers)
    for each in document["compute_optimal"]:
        costs = (amount(each["cost"]), amount(each["cost_with_binning"]))
        ceiling = "–" if each["ceiling"] is None else f"{each['ceiling']:.1%}"
        begin = [str(each["budget"]), share(each["accuracy"]), str(each["accuracy"]["n"]), *costs, ceiling]
        for rival in each["against"]:
            made.add_row(*begin, plain(rival["label"]), *worth(rival))
            begin = [""] * len(begin)
    return made


def choices_table(document: DifficultyDocument) -> Table:
    """Which arm each bin has at each budget; both, where its two halves chose apart."""
    bins = [f"bin {each['bin']}" for each in document["bins"]]
    made = table("chains", *bins, numbers=("chains",))
    for each in document["compute_optimal"]:
        made.add_row(str(each["budget"]), *(plain(chosen(of_bin)) for of_bin in each["choices"]))
    return made


def chosen(of_bin: Sequence[str]) -> str:
    return " / ".join(dict.fromkeys(of_bin))


def worth(rival: RivalDocument) -> tuple[str, str, str]:
    difference, low, high = rival["difference"], rival["ci_low"], rival["ci_high"]
    if difference is None or low is None or high is None:
        return "–", "–", "–"
    return f"{difference * 100:+.1f}", f"{low * 100:+.1f} … {high * 100:+.1f}", p_value(rival["p_value"])


def share(each: ShareDocument) -> str:
    value, low, high = each["value"], each["ci_low"], each["ci_high"]
    if value is None or low is None or high is None:
        return "–"
    return f"{value:.1%} ({low * 100:.0f} … {high * 100:.0f})"


def amount(cost: float | None) -> str:
    if cost is None:
        return "–"
    return f"{cost:,.1f}" if cost < 1e7 else f"{cost:.3g}"
