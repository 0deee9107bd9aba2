"""Bins of difficulty as tables: what they hold, each arm in them, and the choice by bin."""

from collections.abc import Sequence

from rich.table import Table
from rich.text import Text

from overthink.cli.terminal import plain, table
from overthink.difficulty_documents import DifficultyDocument, RivalDocument, ShareDocument
from scaling.statistics.comparisons import p_shown


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
    """The choice within each budget, and what it is worth over one setting for all problems."""
    unit = document["unit"]
    numbers = ("budget", "by difficulty", "n", f"cost, {unit}", "with binning", "ceiling")
    worth_of = ("points", "95 % interval", "p", "adjusted")
    made = table(*numbers, "over", *worth_of, "", numbers=(*numbers, *worth_of))
    for each in document["compute_optimal"]:
        costs = (amount(each["cost"]), amount(each["cost_with_binning"]))
        ceiling = "–" if each["ceiling"] is None else f"{each['ceiling']:.1%}"
        begin = [budget(each["budget"]), share(each["accuracy"]), str(each["accuracy"]["n"]), *costs, ceiling]
        for rival in (each["one_for_all"], *each["against"]):
            made.add_row(*begin, plain(rival_name(rival)), *worth(rival))
            begin = [""] * len(begin)
    return made


def rival_name(rival: RivalDocument) -> str:
    value = "" if rival["value"] is None else f" ({rival['value']:.1%} at {amount(rival['cost'])})"
    return f"{rival['label']}{value}"


def choices_table(document: DifficultyDocument) -> Table:
    """Which setting each bin has within each budget; both, where its two halves chose apart."""
    bins = [f"bin {each['bin']}" for each in document["bins"]]
    made = table("budget", *bins, "one for all", numbers=("budget",))
    for each in document["compute_optimal"]:
        of_bins = (plain(chosen(of_bin)) for of_bin in each["choices"])
        made.add_row(budget(each["budget"]), *of_bins, plain(chosen(each["one_for_all"]["choice"])))
    return made


def count(number: int, style: str) -> Text:
    return plain(f"{number:,}", style if number else "dim")


def chosen(of_bin: Sequence[str]) -> str:
    return " / ".join(dict.fromkeys(of_bin))


def ratios_table(document: DifficultyDocument) -> Table:
    """Sequential against parallel, one budget of attempts after the other."""
    bins = [f"bin {each['bin']}" for each in document["bins"]]
    numbers = ("attempts", "revisions : chains", "all problems", *bins)
    made = table(*numbers, numbers=numbers)
    for curve in document["ratios"]:
        for each in curve:
            shape = f"{each['sequential']} : {each['parallel']}"
            made.add_row(
                str(each["sequential"] * each["parallel"]), shape, share(each["accuracy"]), *map(share, each["by_bin"])
            )
    return made


def exchanges_table(document: DifficultyDocument) -> Table:
    """The smaller model's choice against larger models, at equal FLOPs of pretraining and inference."""
    bins = [f"bin {each['bin']}" for each in document["bins"]]
    numbers = (
        "times larger",
        "D_inf/D_pre",
        "× inference",
        "FLOPs",
        "run up to",
        "smaller",
        "points",
        "p",
        "adjusted",
        *bins,
    )
    made = table("larger model's arm", *numbers, numbers=numbers)
    for each in document["exchanges"]:
        made.add_row(
            plain(each["larger"]),
            f"{each['model_ratio']:.3g}",
            f"{each['inference_ratio']:g}",
            f"{each['multiplier']:.1f}",
            f"{each['budget_flops']:.3g}",
            f"{each['most_spent_flops']:.3g}",
            share(each["accuracy"]),
            difference(each["difference"]),
            p_shown(each["p_value"]),
            p_shown(each["adjusted_p_value"]),
            *map(difference, each["by_bin"]),
        )
    return made


def worth(rival: RivalDocument) -> tuple[str, ...]:
    """Only what is clear among all that the table compares is called so."""
    points, low, high = rival["difference"], rival["ci_low"], rival["ci_high"]
    if points is None or low is None or high is None:
        return "–", "–", "–", "–", ""
    p_values = p_shown(rival["p_value"]), p_shown(rival["adjusted_p_value"])
    said = "" if rival["p_value"] is None else "clear" if rival["clear"] else "unclear"
    return f"{points * 100:+.1f}", f"{low * 100:+.1f} … {high * 100:+.1f}", *p_values, said


def difference(each: ShareDocument) -> str:
    value, low, high = each["value"], each["ci_low"], each["ci_high"]
    if value is None or low is None or high is None:
        return "–"
    return f"{value * 100:+.1f} ({low * 100:+.0f} … {high * 100:+.0f})"


def share(each: ShareDocument) -> str:
    value, low, high = each["value"], each["ci_low"], each["ci_high"]
    if value is None or low is None or high is None:
        return "–"
    return f"{value:.1%} ({low * 100:.0f} … {high * 100:.0f})"


def amount(cost: float | None) -> str:
    if cost is None:
        return "–"
    return f"{cost:,.1f}" if cost < 1e7 else f"{cost:.3g}"


def budget(amount: float) -> str:
    return f"{amount:,g}" if amount < 1e7 else f"{amount:.3g}"
