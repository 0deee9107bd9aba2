"""What a journal keeps: the response of an engine or a verifier, whole, under a key made of all that was asked.

Whoever asks anything else has another key, so that nobody is given the response to another request. What is kept by one
version of this module is not found by another that would read it otherwise: `FORMAT` is in the key.
"""

import json
import struct
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from hashlib import blake2b
from itertools import islice
from operator import attrgetter

from scaling.types import Completion, FinishReason, Path, Request, Sampling, Scores, Solution, Usage

FORMAT = 1
"""Raised by whatever changes how a response is read from its bytes."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One response as it is kept. `path` is the step that it was made for; None: a verifier's.

    `cache_salt` is what the request's prefixes are known by in its server's cache; None: everybody's.
    """

    key: bytes
    path: Path | None
    response: bytes
    cache_salt: str | None


@dataclass(frozen=True, slots=True)
class Exchange:
    """What was asked, and the response. `number`: how often the very same was asked before in this attempt."""

    asked: Request | Solution
    number: int
    response: Completion | Scores

    def entry(self, cache_salt: str | None) -> Entry:
        path = self.asked.path if isinstance(self.asked, Request) else None
        return Entry(key_of(self.asked, self.number), path, bytes_of(self.response), cache_salt)


def key_of(asked: Request | Solution, number: int) -> bytes:
    """16 bytes, the same on every machine."""
    prompt, rest = (asked.prompt, _rest(asked)) if isinstance(asked, Request) else ((), asked)
    digest = blake2b(_packed("i", prompt), digest_size=16)
    digest.update(repr((FORMAT, number, rest)).encode(errors="surrogatepass"))
    return digest.digest()


def _rest(request: Request) -> tuple[object, ...]:
    return (_spelled(request.sampling), *_rest_of(request))


_rest_of = attrgetter(*(name for name in Request.__dataclass_fields__ if name not in ("prompt", "sampling")))


@lru_cache(maxsize=256)
def _spelled(sampling: Sampling) -> str:
    """Of a whole arm, and so asked for again and again."""
    return repr(sampling)


def bytes_of(response: Completion | Scores) -> bytes:
    """A line of JSON, and behind it what there is much of: a completion's ids, and its log-probs."""
    if isinstance(response, Scores):
        return json.dumps(asdict(response)).encode()
    told = response.logprobs
    sizes = None if told is None else [len(each) for each in told]
    plain = dict(zip(PLAIN, _plain_of(response), strict=True))
    packed = _packed("i", response.token_ids) + (b"" if told is None else _packed_logprobs(told))
    return json.dumps([plain, len(response.token_ids), sizes]).encode() + b"\n" + packed


PLAIN = tuple(name for name in Completion.__dataclass_fields__ if name not in ("token_ids", "logprobs", "is_replayed"))
_plain_of = attrgetter(*PLAIN)


def _packed_logprobs(told: Sequence[Mapping[int, float]]) -> bytes:
    tokens = tuple(token for each in told for token in each)
    values = tuple(value for each in told for value in each.values())
    return _packed("i", tokens) + _packed("d", values)


def completion_of(kept: bytes) -> Completion:
    """As it was told, and marked as replayed."""
    line, _, packed = kept.partition(b"\n")
    told, num_ids, sizes = json.loads(line)
    num_values = sum(sizes or ())
    numbers = struct.unpack(f"<{num_ids + num_values}i{num_values}d", packed)
    pairs = zip(numbers[num_ids : num_ids + num_values], numbers[num_ids + num_values :], strict=True)
    logprobs = None if sizes is None else tuple(dict(islice(pairs, size)) for size in sizes)
    told |= {"finish_reason": FinishReason(told["finish_reason"]), "is_replayed": True}
    return Completion(**told | {"token_ids": numbers[:num_ids], "logprobs": logprobs})


def words_of(kept: bytes) -> tuple[str, int | None]:
    """A completion's text, and how many tokens were generated: what people read of it."""
    told, *_ = json.loads(kept.partition(b"\n")[0])
    return told["text"], told["generated_tokens"]


def scores_of(kept: bytes) -> Scores:
    told = json.loads(kept)
    usages = tuple(Usage(**each) for each in told["usages"])
    return Scores(**told | {"values": tuple(told["values"]), "usages": usages})


def _packed(kind: str, numbers: Sequence[float]) -> bytes:
    return struct.pack(f"<{len(numbers)}{kind}", *numbers)
