"""The tape: what was recorded of one attempt at one problem. Steps by their place in the tree, and what a verifier said
of the branches that they end.

It asks nobody anything and refuses what was recorded already; `scaling.record` and `scaling.scoring` write on it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from scaling.types import Counts, FinishReason, Ids, Path, Phase, Scores, Solution, Step
from scaling.verification import Verified, charged, since_prompt, spared


@dataclass(frozen=True, slots=True)
class Behind:
    """What a request made behind the delimiter that it ran through: the beginning of the next step."""

    ids: Ids
    text: str | None
    """None: to be decoded."""
    finish_reason: FinishReason
    generated_tokens: int | None
    """Of its request's, those of these ids; None: the engine did not report them."""
    confidences: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Told:
    """What a verifier told of one solution, and the steps that end branches which show it, the lowest first."""

    scores: Scores
    paths: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class Node:
    """A finished step and the ids that anything after it is conditioned on."""

    step: Step
    context: Ids
    text: str
    """The text of `context`, prompt included."""
    stopped_at: str | None = None
    """The delimiter that ended it; None if it ended with the end-of-sequence token or its limit."""
    behind: Behind | None = None
    """What was made behind it in the same request; None: nothing."""

    @property
    def path(self) -> Path:
        return self.step.path

    @property
    def is_stopped(self) -> bool:
        """The model ended it by itself."""
        return self.step.finish_reason is FinishReason.STOP


class Tape:
    """Written by one thread; what was spent so far may be read by another."""

    def __init__(self) -> None:
        self._steps: dict[Path, Step] = {}
        self._verified: dict[Path, Verified] = {}
        self._confidences: dict[Path, tuple[float, ...]] = {}
        self._told: dict[Solution, Told] = {}

    @property
    def steps(self) -> tuple[Step, ...]:
        """All steps so far in path order; the ones in flight with what their finished segments cost.

        What a verifier was asked once and several branches show is charged to the lowest, whichever asked.
        """
        steps = {path: self._steps[path] for path in sorted(self._steps)}
        for _, told in sorted(self._told.copy().items(), key=lambda item: (item[0].steps, item[0].first)):
            lowest, *others = told.paths
            steps[lowest] = charged(steps[lowest], told.scores)
            for path in others:
                steps[path] = spared(steps[path], told.scores)
        return tuple(steps.values())

    @property
    def spent(self) -> Counts:
        """What was spent so far, segments of unfinished steps included."""
        return Counts.of(self.steps)

    def begin(self, step: Step) -> Step:
        """A step that was not there before."""
        assert step.path not in self._steps, f"two steps at path {step.path}: siblings need different indexes"
        return self.put(step)

    def put(self, step: Step, confidences: tuple[float, ...] = ()) -> Step:
        """The step as it is now; `confidences` has a number for each token it generated, if they were asked for."""
        self._steps[step.path] = step
        self._confidences[step.path] = confidences
        return step

    def branch(self, path: Path) -> Sequence[Step]:
        """The steps down to the one at `path`, from behind the nearest prompt on."""
        return since_prompt([self._steps[path[:depth]] for depth in range(1, len(path) + 1)])

    def thinking_tokens(self, path: Path) -> int:
        """What a budget of thinking is charged for the branch."""
        thinking = (step for step in self.branch(path) if step.phase is Phase.THINKING)
        return sum(step.charged_tokens + step.forced_tokens for step in thinking)

    def confidences(self, path: Path) -> tuple[float, ...]:
        """One number for each token generated in the branch that ends at `path`; see `Recorder.with_confidences`."""
        return tuple(confidence for step in self.branch(path) for confidence in self._confidences[step.path])

    def prune(self, path: Path) -> None:
        """Give up a branch: the step, and all that was tried below it."""
        for other in [each for each in self._steps if each[: len(path)] == path]:
            self._steps[other] = replace(self._steps[other], kept=False)

    def verified(self, path: Path) -> Verified:
        """What is known of the nearest step of the branch that was verified."""
        branch = (step.path for step in reversed(self.branch(path)))
        return next((self._verified[each] for each in branch if each in self._verified), Verified((), ()))

    def know(self, path: Path, verified: Verified, scores: Sequence[float]) -> None:
        """What is known of the branch that ends at `path`; the last of `scores` is the step's own."""
        self._verified[path] = verified
        self._steps[path] = replace(self._steps[path], score=scores[-1] if scores else None)

    def charge(self, path: Path, solution: Solution, scores: Scores) -> None:
        """The branch that ends at `path` shows `solution`, of which a verifier told the scores, asked once."""
        before = self._told[solution].paths if solution in self._told else ()
        self._told[solution] = Told(scores, tuple(sorted({*before, path})))
