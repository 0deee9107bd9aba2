"""A model over a byte-level tokenizer that spells its text in whatever tokens the test says, as vLLM serves it."""

from collections.abc import Sequence

from scaling.abilities import ALL
from scaling.types import Completion, FinishReason, Ids, Request

END = b"<|im_end|>"


class BytewiseEngine:
    """Behind the prompt it means to write `pieces`, each one token, and then END; pieces may split characters.

    Text that it is given is spelled in single bytes. `behind` is how many tokens it hands over, at most, that it made
    behind a stop string, as a server does that guesses several tokens at a time.
    """

    abilities = ALL
    context_length = 100_000

    def __init__(self, pieces: Sequence[bytes], behind: int = 0) -> None:
        self._vocabulary = [bytes([value]) for value in range(256)]
        self.script = tuple(map(self._id, [*pieces, END]))
        self._behind = behind
        self._prompt_length: int | None = None
        self.requests: list[Request] = []
        self.generated_tokens = 0

    def text(self, ids: Ids) -> str:
        return b"".join(self._vocabulary[token] for token in ids).decode(errors="replace")

    async def render(self, messages: list[dict[str, str]]) -> Ids:
        return await self.tokenize(messages[-1]["content"])

    async def tokenize(self, text: str) -> Ids:
        return tuple(text.encode())

    async def detokenize(self, ids: Ids) -> str:
        return self.text(ids)

    async def complete(self, request: Request) -> Completion:
        self.requests.append(request)
        self._prompt_length = self._prompt_length or len(request.prompt)
        start = len(request.prompt) - self._prompt_length
        assert request.prompt[self._prompt_length :] == self.script[:start], "it is conditioned on what it wrote"
        ids, told = self._until_stopped(request, self.script[start : start + request.max_tokens])
        is_stopped = ids[-1] in self._ends(request) or any(stop in told for stop in request.stop)
        extra = self.script[start + len(ids) :][: self._behind] if is_stopped and ids[-1] != self._id(END) else ()
        ids = (ids + extra)[: request.max_tokens]
        self.generated_tokens += len(ids)
        reason = FinishReason.STOP if is_stopped else FinishReason.LENGTH
        return Completion(ids, told, reason, len(request.prompt), 0, len(ids), 1.0)

    def _until_stopped(self, request: Request, meant: Ids) -> tuple[Ids, str]:
        """The ids up to what stops them, and the server's text: cut behind a stop string, no half character at its end,
        and one that the prompt began with missing bytes in front of it."""
        for count in range(1, len(meant) + 1):
            told = self.text(meant[:count]).rstrip("\ufffd")
            ends = [told.index(stop) + len(stop) for stop in request.stop if stop in told]
            if ends or meant[count - 1] in self._ends(request):
                return meant[:count], told[: min(ends, default=None)]
        return meant, self.text(meant).rstrip("\ufffd")

    def _ends(self, request: Request) -> Ids:
        return (*request.stop_token_ids, self._id(END))

    def _id(self, piece: bytes) -> int:
        if piece not in self._vocabulary:
            self._vocabulary.append(piece)
        return self._vocabulary.index(piece)
