"""A bill in sentences, for terminal and page alike."""

from collections.abc import Iterator

from results.forecast.bill import Basis, Bill, Range
from results.wording import duration


def bill_words(bill: Bill) -> Iterator[str]:
    """What is expected, by what, and what is there already; what is not known is said, or left out where it says
    nothing."""
    if bill.generated is not None:
        yield f"Likely {tokens_shown(bill.generated)} generated tokens, by {_by_what(bill)}."
    elif named := _without(bill):
        yield f"How many tokens is not known: nothing ran on {named} yet."
    if bill.seconds is not None:
        yield f"Likely {seconds_shown(bill.seconds)} at the pace of what ran before."
    if bill.dollars is not None:
        yield f"Likely {dollars_shown(bill.dollars)}, prompts included."
    if bill.before:
        yield f"{bill.jobs_before:,} of {bill.jobs:,} jobs were done before, in the same way: {_where(bill)}."


def tokens_shown(tokens: Range) -> str:
    return f"{_rounded(tokens.likely):,} ({_rounded(tokens.low):,} … {_rounded(tokens.high):,})"


def seconds_shown(seconds: Range) -> str:
    return f"{duration(seconds.likely)} ({duration(seconds.low)} … {duration(seconds.high)})"


def dollars_shown(dollars: Range) -> str:
    return f"${dollars.likely:,.2f} ({dollars.low:,.2f} … {dollars.high:,.2f})"


def _rounded(value: float) -> int:
    """To three digits: more would promise too much."""
    return int(float(f"{value:.3g}"))


def _by_what(bill: Bill) -> str:
    counts = {basis: sum(arm.basis is basis for arm in bill.arms) for basis in Basis}
    return ", ".join(
        f"{word} ({count} of {len(bill.arms)})" if count < len(bill.arms) else word
        for basis, word in WORDS.items()
        if (count := counts[basis])
    )


WORDS = {
    Basis.ITSELF: "what its arms took before",
    Basis.STRATEGY: "what arms of the same strategies took",
    Basis.MODEL: "what other arms on the model took",
}


def _without(bill: Bill) -> str:
    return ", ".join(sorted({arm.model for arm in bill.unknown}))


def _where(bill: Bill) -> str:
    found = {each.experiment_id: each.experiment for each in bill.before}
    return ", ".join(f"#{number} {name}" for number, name in sorted(found.items()))
