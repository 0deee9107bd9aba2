"""A model that says what the test wrote, one character or special token at a time, and keeps every request."""

import asyncio
import re
from collections.abc import Mapping, Sequence
from itertools import cycle
from random import Random

from scaling.abilities import ALL
from scaling.answers import reading
from scaling.generation import derive_seed
from scaling.protocols import UnscorableError
from scaling.record import Recorder
from scaling.types import (
    Completion,
    FinishReason,
    GraderName,
    Ids,
    Path,
    Problem,
    PromptFormat,
    Reading,
    Request,
    Sampling,
    Scores,
    Solution,
    ThinkingFormat,
    Usage,
)

END = "<|im_end|>"
SEED_KEY = "0/p1/0"
PROBLEM = Problem("p1", "2+3-1", "4", GraderName.INTEGER)
LINES = ThinkingFormat(
    start="<think>\n", stop=("</think>",), answer_opener="</think>\n", final_answer="\\boxed{", step_delimiter="\n"
)
"""A step of reasoning is a line."""


def recorder_of(
    engine: "ScriptedEngine",
    verifier: "ScriptedVerifier | None" = None,
    thinking: ThinkingFormat = LINES,
    **sampling: int | None,
) -> Recorder:
    return Recorder(
        engine,
        grader=PlainGrader(),
        thinking=thinking,
        sampling=Sampling(temperature=0.8, max_answer_tokens=16).model_copy(update=sampling),
        prompt=PromptFormat(),
        seed_key=SEED_KEY,
        verifier=verifier,
    )


class ScriptedEngine:
    """After the last of `script`'s keys that stands in the context, it means to write that key's text.

    `tokens` are spelled as one id each, every other character as its code point. It ends at `END`, at a stop
    string or id, or at the request's limit, and reports counts as a server does. `delays` are numbers of turns of the
    event loop that a request takes, in the order in which they come. Where `min_tokens` keeps it from what it means to
    write, it writes the first of `instead` that it may.
    """

    abilities = ALL

    def __init__(
        self,
        script: Mapping[str, str],
        *,
        tokens: Sequence[str] = ("</think>",),
        context_length: int = 1000,
        delays: Sequence[int] = (),
        instead: Sequence[str] = ("~",),
    ) -> None:
        self.script = script
        self._instead = instead
        self.context_length = context_length
        self.requests: list[Request] = []
        self.completions: list[Completion] = []
        self._delays = iter(delays)
        self._tokens = [END, *tokens]
        longest_first = sorted(self._tokens, key=len, reverse=True)
        self._split = re.compile("|".join(map(re.escape, longest_first)) + "|.", re.DOTALL)

    async def render(self, messages: list[dict[str, str]]) -> Ids:
        return await self.tokenize("".join(f"{message['role']}: {message['content']}\n" for message in messages))

    async def tokenize(self, text: str) -> Ids:
        return tuple(self._id(piece) for piece in self._split.findall(text))

    async def detokenize(self, ids: Ids) -> str:
        return "".join(self._text(token) for token in ids)

    async def complete(self, request: Request) -> Completion:
        for _ in range(next(self._delays, 0)):
            await asyncio.sleep(0)
        ids, reason = await self._drawn(request)
        text = await self.detokenize(ids)
        cut = min((text.index(stop) + len(stop) for stop in request.stop if stop in text), default=len(text))
        logprobs = self._logprobs(ids, request.top_logprobs)
        completion = Completion(ids, text[:cut], reason, len(request.prompt), 0, len(ids), 1.0, logprobs)
        self.requests.append(request)
        self.completions.append(completion)
        return completion

    async def _drawn(self, request: Request) -> tuple[Ids, FinishReason]:
        ids: Ids = ()
        means = list(await self.tokenize(self._next(request, await self.detokenize(request.prompt))))
        while means and len(ids) < request.max_tokens:
            token = means.pop(0)
            if len(ids) < request.min_tokens and token in self._stop_ids(request):
                token = next(each for each in map(self._id, self._instead) if each not in self._stop_ids(request))
                means = list(await self.tokenize(self._next(request, await self.detokenize((*request.prompt, token)))))
            ids += (token,)
            if len(ids) > request.min_tokens and self._stops(request, ids):
                return ids, FinishReason.STOP
        return ids, FinishReason.LENGTH

    def _logprobs(self, ids: Ids, top: int | None) -> tuple[dict[int, float], ...] | None:
        """A digit d has `top` log-probs of -d, every other token of -1, and each one more, as vLLM may tell."""
        if top is None:
            return None
        values = [-float(text) if (text := self._text(token)).isdigit() else -1.0 for token in ids]
        return tuple({**dict.fromkeys(range(top), value), top: -99.0} for value in values)

    def _stops(self, request: Request, ids: Ids) -> bool:
        text = "".join(self._text(token) for token in ids)
        return ids[-1] in self._stop_ids(request) or any(stop in text for stop in request.stop)

    def _stop_ids(self, request: Request) -> Ids:
        return (*request.stop_token_ids, self._id(END))

    def _next(self, request: Request, context: str) -> str:
        key = max(self.script, key=lambda key: context.rfind(key) if key in context else -1)
        written = context[context.rindex(key) + len(key) :]
        assert self.script[key].startswith(written), f"the script has nothing to say after {context!r}"
        return self.script[key][len(written) :]

    def _id(self, piece: str) -> int:
        return 0x110000 + self._tokens.index(piece) if piece in self._tokens else ord(piece)

    def _text(self, token: int) -> str:
        return self._tokens[token - 0x110000] if token >= 0x110000 else chr(token)


class ScriptedTree(ScriptedEngine):
    """What it means to write is told by the step's path, which it knows by the seed of the step's first request."""

    def __init__(self, tree: Mapping[Path, str], *, delays: Sequence[int] = (), tokens: Sequence[str] = ()) -> None:
        super().__init__({}, tokens=("</think>", *tokens), delays=delays)
        self._tree = {derive_seed(SEED_KEY, path, 0): text for path, text in tree.items()}

    def _next(self, request: Request, context: str) -> str:
        assert request.seed in self._tree, f"the script has no step for what follows {context!r}"
        return self._tree[request.seed]


class ScriptedVerifier:
    """Scores a step by its own text. It counts a token for each character shown, generates one and makes one call.

    It reads `num_steps` steps at most; None: any number.
    """

    def __init__(
        self,
        scores: Mapping[str, float],
        *,
        scores_steps: bool = True,
        delays: Sequence[int] = (),
        num_steps: int | None = None,
    ) -> None:
        self._num_steps = num_steps
        self.scores_steps = scores_steps
        self.solutions: list[Solution] = []
        self._scores = scores
        self._delays = iter(delays)

    async def score(self, solution: Solution) -> Scores:
        self.solutions.append(solution)
        for _ in range(next(self._delays, 0)):
            await asyncio.sleep(0)
        if self._num_steps is not None and len(solution.steps) > self._num_steps:
            raise UnscorableError(f"it reads {self._num_steps} steps, and is shown {len(solution.steps)}")
        asked = solution.steps[solution.first :] if self.scores_steps else solution.steps[-1:]
        shown = len(solution.question) + sum(map(len, solution.steps))
        return Scores(tuple(self._scores[step] for step in asked), shown, 0, 1, 1, 0.5, (Usage(shown, 0, 1),))


class PlainGrader:
    """Reads as the rules of text do, in this process; answers are equal whose keys are."""

    async def read(self, problem: Problem, text: str) -> Reading:
        return reading.read(problem, text)

    async def equal(self, problem: Problem, first: str, second: str) -> bool:
        return reading.same(problem, first, second)


def boxed(answer: int) -> str:
    """What answers: eleven tokens, a newline, nine characters and the end."""
    return f"\n\\boxed{{{answer}}}" + END


class AnyTree(ScriptedEngine):
    """Lines, ends and answers drawn from each request's seed."""

    def __init__(self, delays: list[int]) -> None:
        super().__init__({}, delays=delays)

    def _next(self, request: Request, context: str) -> str:
        random = Random(request.seed)
        if "</think>" in context:
            return boxed(random.randrange(4))
        line = "".join(random.choices("abc \n", k=random.randrange(8)))
        return line + random.choice(["\n", "\n", "\n\n", "</think>", END]) + "over and out" * 10


class Alternating(ScriptedEngine):
    """Answers with the next of these texts each time."""

    def __init__(self, *texts: str) -> None:
        super().__init__({})
        self._texts = cycle(texts)

    def _next(self, request: Request, context: str) -> str:
        return next(self._texts) + END if "</think>" in context else "so</think>"


class AnyScores(ScriptedVerifier):
    def __init__(self, delays: list[int]) -> None:
        super().__init__({}, delays=delays)
        self._scores = _RandomScores()


class _RandomScores(dict[str, float]):
    def __missing__(self, step: str) -> float:
        assert step.strip(), "an empty step was to be scored"
        return Random(step).choice([0.0, 0.25, 0.5, 0.75, 1.0])
