"""A model that says what the test wrote, one character or special token at a time, and keeps every request."""

import re
from collections.abc import Mapping, Sequence

from scaling.types import Completion, FinishReason, Ids, Request

END = "<|im_end|>"


class ScriptedEngine:
    """After the last of `script`'s keys that stands in the context, it means to write that key's text.

    `tokens` are spelled as one id each, every other character as its code point. It ends at `END`, at a stop
    string or id, or at the request's limit, and reports counts as a server does.
    """

    def __init__(
        self, script: Mapping[str, str], *, tokens: Sequence[str] = ("</think>",), context_length: int = 1000
    ) -> None:
        self.script = script
        self.context_length = context_length
        self.requests: list[Request] = []
        self.completions: list[Completion] = []
        self._tokens = [END, *tokens]
        self._split = re.compile("|".join(map(re.escape, self._tokens)) + "|.", re.DOTALL)

    async def render(self, messages: list[dict[str, str]]) -> Ids:
        return await self.tokenize("".join(f"{message['role']}: {message['content']}\n" for message in messages))

    async def tokenize(self, text: str) -> Ids:
        return tuple(self._id(piece) for piece in self._split.findall(text))

    async def detokenize(self, ids: Ids) -> str:
        return "".join(self._text(token) for token in ids)

    async def complete(self, request: Request) -> Completion:
        rest = await self.tokenize(self._meant(await self.detokenize(request.prompt)))
        ids: Ids = ()
        reason = FinishReason.LENGTH
        for token in rest[: request.max_tokens]:
            ids += (token,)
            if self._stops(request, ids):
                reason = FinishReason.STOP
                break
        completion = Completion(ids, await self.detokenize(ids), reason, len(request.prompt), 0, len(ids), 1.0)
        self.requests.append(request)
        self.completions.append(completion)
        return completion

    def _stops(self, request: Request, ids: Ids) -> bool:
        text = "".join(self._text(token) for token in ids)
        return ids[-1] in (*request.stop_token_ids, self._id(END)) or any(stop in text for stop in request.stop)

    def _meant(self, context: str) -> str:
        key = max(self.script, key=lambda key: context.rfind(key) if key in context else -1)
        written = context[context.rindex(key) + len(key) :]
        assert self.script[key].startswith(written), f"the script has nothing to say after {context!r}"
        return self.script[key][len(written) :]

    def _id(self, piece: str) -> int:
        return 0x110000 + self._tokens.index(piece) if piece in self._tokens else ord(piece)

    def _text(self, token: int) -> str:
        return self._tokens[token - 0x110000] if token >= 0x110000 else chr(token)
