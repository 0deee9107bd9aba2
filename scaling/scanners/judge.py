"""A model that is asked about each trace: how it is asked, and how what it says is read. Asking is the worker's.

It is shown the chain whose answer speaks for the job, whole: one that does not fit its context is not cut in silence,
nothing is said of it. What it says is read strictly: the last line that begins with `ANSWER:` must hold one of the
answers that it may give, and nothing else. All before it is its reason. Anything else is no answer, and counted so.
"""

from typing import Annotated, Literal

import regex
from pydantic import AfterValidator, Field, model_validator

from scaling.scanners.chain_text import ChainText
from scaling.scanners.scanner import Found, Scanner, UnscannableError

MOST_REASON = 500
"""Characters of its reason that are kept."""
PLACEHOLDERS = ("question", "trace", "answer", "reference")
NONE = "none"
_LINE = regex.compile(r"^\W*ANSWER\W*:\s*(.*?)\s*$", regex.MULTILINE)
_HOLE = regex.compile(r"\{(\w*)\}")


def checked(prompt: str) -> str:
    named = _HOLE.findall(prompt)
    if "trace" not in named:
        raise ValueError("the prompt shows no {trace}: say where it is to stand")
    if strange := [name for name in named if name not in PLACEHOLDERS]:
        known = ", ".join(f"{{{each}}}" for each in PLACEHOLDERS)
        raise ValueError(f"{{{strange[0]}}} stands for nothing; there are {known}")
    return prompt


def told_apart(labels: tuple[str, ...]) -> tuple[str, ...]:
    folded = [label.strip().casefold() for label in labels]
    if len(set(folded)) < len(folded) or "" in folded:
        raise ValueError(f"the labels {', '.join(map(repr, labels))} are not all different words")
    return tuple(label.strip() for label in labels)


class Judge(Scanner):
    """Asks the model `judge` and takes yes or no, a number, or one of the labels; `none` is no hit."""

    scanner: Literal["judge"] = "judge"
    judge: str = Field(min_length=1, description="the served model that is asked")
    prompt: Annotated[str, Field(min_length=1, max_length=50_000), AfterValidator(checked)]
    gives: Literal["yes or no", "a number", "a label"] = "yes or no"
    labels: Annotated[tuple[str, ...], AfterValidator(told_apart)] = ()
    max_tokens: int = Field(default=1024, ge=1, description="of what it says")
    seed: int = 0

    @model_validator(mode="after")
    def _has_labels_to_choose_from(self) -> "Judge":
        if (self.gives == "a label") != bool(self.labels):
            raise ValueError("labels are for a judge that gives a label, and that one needs some")
        return self

    @property
    def words(self) -> str:
        return f"judge {self.judge}"

    @property
    def model(self) -> str | None:
        return self.judge

    def asked(self, chain: ChainText, question: str, answer: str | None, reference: str) -> str:
        """What it is asked. What stands for a hole is put in once, and never looked through for more of them."""
        shown = {
            "trace": "".join(run.text for run in chain.runs),
            "question": question,
            "answer": answer or "none",
            "reference": reference,
        }
        return f"{_HOLE.sub(lambda hole: shown[hole[1]], self.prompt)}\n\n{self._how_to_answer}"

    def read(self, said: str) -> Found:
        """Raises UnscannableError for what is none of the answers that it may give."""
        lines = list(_LINE.finditer(said))
        if not lines:
            raise UnscannableError(f"the judge gave no line `ANSWER: …`, but {said.strip()[-80:]!r}")
        given = lines[-1][1].strip(" .*_`\"'")
        why = said[: lines[-1].start()].strip()[-MOST_REASON:] or None
        if given.casefold() == NONE:
            return Found(0.0, label=NONE, why=why)
        return self._read(given, why)

    @property
    def _how_to_answer(self) -> str:
        may_be = {"yes or no": "yes or no", "a number": "a number", "a label": " or ".join(self.labels)}[self.gives]
        return f"Give your reason in a sentence or two. Then end with one line: ANSWER: {may_be}, or {NONE}."

    def _read(self, given: str, why: str | None) -> Found:
        if self.gives == "a number":
            return Found(self._number(given), why=why)
        known = ("yes", "no") if self.gives == "yes or no" else self.labels
        label = next((each for each in known if each.casefold() == given.casefold()), None)
        if label is None:
            raise UnscannableError(f"the judge answered {given[:80]!r}, which is none of {', '.join(known)}, {NONE}")
        return Found(float(label != "no" or self.gives == "a label"), label=label, why=why)

    def _number(self, given: str) -> float:
        if not regex.fullmatch(r"[+-]?\d+(?:\.\d+)?", given):
            raise UnscannableError(f"the judge answered {given[:80]!r}, which is no number")
        return float(given)
