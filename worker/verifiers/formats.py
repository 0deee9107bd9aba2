"""How a verifier wants to be shown a solution, and where its scores are read: as data, one preset per model family.

A family that no preset knows is described in the registry by a mapping with the same fields; it needs no code, as
long as it is of a kind that there is an adapter for. Each preset says whose model card it follows.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

BOXED = r"Please reason step by step, and put your final answer within \boxed{}."
"""The system turn of Qwen2.5-Math: generator and reward models were trained under it."""


class Layout(StrEnum):
    """Where the steps stand."""

    CHAT = "chat"  # the question is a user turn, the steps are the answer to it
    TEXT = "text"  # plain text: the question, then the steps; no chat template
    TURNS = "turns"  # each step is a user turn (the first after the question), each verdict an assistant turn


class TagPlace(StrEnum):
    """Which token's probabilities are the verdict on a step."""

    AT_TAG = "at_tag"  # the tag itself is a verdict, `good` in the context: read good against bad where it stands
    AFTER_TAG = "after_tag"  # the tag asks for a verdict: read good against bad in the place after it


class VerifierFormat(BaseModel):
    """How one kind of verifier is asked. `kind` is its name in `worker.verifiers.adapters.ADAPTERS`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: str


class TokenPrm(VerifierFormat):
    """A causal language model whose next token says whether a step is right: P(good) / (P(good) + P(bad)).

    `tag` follows each step, `delimiter` each tag. `good_id` and `bad_id` are what the model card says: a served
    tokenizer that disagrees is refused. None: whatever the tokenizer makes of `good` and `bad`, if it is one token.
    """

    kind: Literal["token_prm"] = "token_prm"
    layout: Layout
    read: TagPlace = TagPlace.AT_TAG
    system: str | None = None
    separator: str = Field(default=" ", description="between the question and the first step, unless layout is chat")
    tag: str = Field(min_length=1)
    delimiter: str = ""
    good: str = Field(min_length=1)
    bad: str = Field(min_length=1)
    good_id: int | None = None
    bad_id: int | None = None


class StepPoolingPrm(VerifierFormat):
    """A model with a two-class head, read at the `tag` after each step: P(good) is the second class's probability."""

    kind: Literal["step_pooling_prm"] = "step_pooling_prm"
    system: str | None = None
    tag: str = Field(min_length=1)


class RewardPlace(StrEnum):
    """Where an outcome reward model's score is read."""

    CLASSIFY = "classify"  # a sequence classifier with one label
    LAST_TOKEN = "token_classify"  # a score for each token, of which the last speaks for the solution


class OutcomeRm(VerifierFormat):
    """A model that gives a whole solution one score.

    The reward has no scale of its own (Bradley-Terry). `logistic` maps it into 0..1: the best stays the best, and a
    weighted vote has no negative weights.
    """

    kind: Literal["outcome_rm"] = "outcome_rm"
    read: RewardPlace = RewardPlace.CLASSIFY
    system: str | None = None
    delimiter: str = Field(default="\n\n", description="between the steps")
    logistic: bool = True


LADDER = TokenPrm(
    layout=Layout.CHAT, system="Grade each step.", tag=" +", delimiter="\n", good=" +", bad=" -"
)  # the tiny model: demo/tiny_model/README.md

MATH_SHEPHERD = TokenPrm(
    layout=Layout.TEXT,
    read=TagPlace.AFTER_TAG,
    tag=" ки",
    delimiter="\n",
    good=" +",
    bad=" -",
    good_id=648,
    bad_id=387,
)  # peiyi9979/math-shepherd-mistral-7b-prm: "{question} Step 1: ... ки\nStep 2: ... ки"

RLHFLOW = TokenPrm(layout=Layout.TURNS, tag="+", good="+", bad="-")
# RLHFlow/Llama3.1-8B-PRM-{Deepseek,Mistral}-Data: user "{question} {step 1}", assistant "+", user "{step 2}" ...

QWEN_MATH_PRM = StepPoolingPrm(system=BOXED, tag="<extra_0>")  # Qwen/Qwen2.5-Math-PRM-7B and -72B

QWEN_MATH_RM = OutcomeRm(system=BOXED, read=RewardPlace.LAST_TOKEN)  # Qwen/Qwen2.5-Math-RM-72B

SKYWORK_REWARD = OutcomeRm()  # Skywork/Skywork-Reward-V2-*: one user turn, one assistant turn, one label

PRESETS: Mapping[str, VerifierFormat] = MappingProxyType(
    {
        "ladder": LADDER,
        "math-shepherd": MATH_SHEPHERD,
        "rlhflow": RLHFLOW,
        "qwen2.5-math-prm": QWEN_MATH_PRM,
        "qwen2.5-math-rm": QWEN_MATH_RM,
        "skywork-reward-v2": SKYWORK_REWARD,
    }
)
