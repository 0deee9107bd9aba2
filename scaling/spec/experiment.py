"""An experiment: the science of a spec, with a digest. Nothing here needs a server or a data file."""

import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from pydantic import JsonValue, model_validator

from scaling.context import most_generated
from scaling.spec.arms import ArmSpec
from scaling.spec.checks import ModelLimits, faults
from scaling.spec.errors import PlacedError
from scaling.spec.written import WrittenSpec

READING = ("families", "verdict")


@dataclass(frozen=True, slots=True)
class ExperimentSize:
    """What a spec asks for, at most. None: not known before the data set is read, or without a limit."""

    arms: int
    problems: int | None
    jobs: int | None
    chains: int | None
    generated_by_model: Mapping[str, int] | None

    @property
    def generated_tokens(self) -> int | None:
        return None if self.generated_by_model is None else sum(self.generated_by_model.values())


def reading(spec: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """What a spec, as plain values, says of how its results are read: kept with what is run, and not in its digest."""
    return {name: spec[name] for name in READING if name in spec}


class ExperimentSpec(WrittenSpec):
    """The scientific part. Immutable; the same digest is the same experiment."""

    @model_validator(mode="after")
    def _is_runnable(self) -> Self:
        found = faults(self)
        if found:
            raise PlacedError(found)
        return self

    @property
    def digest(self) -> str:
        """sha256 of what is run: spellings that expand to the same arms, with the same defaults, are the same."""
        content = self.model_dump(mode="json", include={"name", "data_set", "sampling", "prompt", "repeats", "seed"})
        if self.sampling.cache == "job":
            del content["sampling"]["cache"]  # as of specs from before there was a choice
        for columns in ("options", "incorrect"):
            if not content["data_set"][columns]:
                del content["data_set"][columns]
        content["arms"] = [self._asked_by(arm) for arm in self.expand()]
        canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), allow_nan=False)
        return hashlib.sha256(canonical.encode("ascii")).hexdigest()

    def _asked_by(self, arm: ArmSpec) -> list[JsonValue]:
        """For the digest. How it asks is in it only where that differs from the experiment's."""
        own = (("sampling", self.sampling, arm.own_sampling), ("prompt", self.prompt, arm.own_prompt))
        differing: dict[str, JsonValue] = {
            f"{part}.{name}": value
            for part, of_experiment, values in own
            for name, value in values.items()
            if value != getattr(of_experiment, name)
        }
        if arm.seed != self.seed:
            differing["seed"] = arm.seed
        return [arm.model, arm.strategy.model_dump(mode="json"), *([differing] if differing else [])]

    def size(self, models: Mapping[str, ModelLimits] | None = None) -> ExperimentSize:
        """Upper bounds: the data set may hold fewer problems, and chains may end early. What a search prunes and rolls
        out, and what a verifier reads, is not in them.

        Tokens are known where thinking is limited by the strategy, or by the context of a model in `models`.
        """
        arms, problems = self.expand(), self.data_set.limit
        asked = None if problems is None else problems * self.repeats
        tokens = [(arm.model, self.most_per_job(arm, models or {})) for arm in arms]
        generated: Counter[str] = Counter()
        for model, count in tokens:
            generated[model] += (count or 0) * (asked or 0)
        is_known = asked is not None and all(count is not None for _, count in tokens)
        return ExperimentSize(
            arms=len(arms),
            problems=problems,
            jobs=None if asked is None else asked * len(arms),
            chains=None if asked is None else asked * sum(arm.strategy.num_chains for arm in arms),
            generated_by_model=dict(generated) if is_known else None,
        )

    def most_per_job(self, arm: ArmSpec, models: Mapping[str, ModelLimits]) -> int | None:
        """Tokens that a job of the arm generates at most, as in `size`; None: not known."""
        model = models.get(arm.model)
        context_length = None if model is None else model.context_length
        most = most_generated(arm.strategy.thinking_limit, arm.sampling.max_answer_tokens, context_length)
        return None if most is None else arm.strategy.num_chains * most
