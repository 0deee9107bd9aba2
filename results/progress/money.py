"""What an experiment has been charged until now, in US dollars. Pure."""

import numpy as np

from db.models import JsonObject
from db.queries import Bill, Charged
from results.wording import UNKNOWN
from scaling.arrays import Floats
from scaling.compute.axes import Axis
from scaling.compute.costs import Used, bounded
from scaling.compute.model_facts import ModelFacts
from scaling.types import Counts


def charged(bill: Bill) -> tuple[float, bool]:
    """NaN where a count or a price is not known; and whether it is an upper bound, as where it is not told what was
    cached, or what a batch shared."""
    parts = [part for each in bill.charged for part in _parts(each, bill.models)]
    return sum(float(used.price(facts)[0]) for used, facts in parts), any(
        bool((used.is_asked & bounded(Axis.PRICE, used, facts))[0]) for used, facts in parts
    )


def charged_words(bill: Bill | None) -> str:
    """`$0.12`, `≤ $3.50`; a dash where nobody knows."""
    dollars, is_bound = (float("nan"), False) if bill is None else charged(bill)
    return UNKNOWN if np.isnan(dollars) else f"{'≤ ' if is_bound else ''}${dollars:,.2f}"


def _parts(charged: Charged, models: JsonObject) -> list[tuple[Used, ModelFacts]]:
    parts = [(_generator(charged.counts), ModelFacts.of(models.get(charged.model)))]
    if charged.verifier is not None:
        parts.append((_verifier(charged.counts), ModelFacts.of(models.get(charged.verifier))))
    return parts


def _generator(counts: Counts) -> Used:
    return _used(counts.prompt_tokens, counts.cached_tokens, counts.generated_tokens, counts.seconds)


def _verifier(counts: Counts) -> Used:
    read, generated = counts.verifier_tokens, counts.verifier_generated_tokens
    prompts = None if read is None or generated is None else read - generated
    return _used(prompts, counts.verifier_cached_tokens, generated, counts.verifier_seconds)


def _used(prompts: int | None, cached: int | None, generated: int | None, seconds: float) -> Used:
    """Of all attempts together; FLOPs are not asked for here."""
    unknown = _one(None)
    return Used(_one(prompts), _one(cached), _one(generated), unknown, unknown, _one(seconds), unknown, unknown)


def _one(value: float | None) -> Floats:
    return np.array([np.nan if value is None else value], dtype=np.float64)
