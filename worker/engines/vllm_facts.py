"""What a vLLM server tells of itself that results depend on. A fact that it does not tell is None.

Three doors, none of which every server has open: `/v1/models` (the card), `/tokenizer_info` (with vLLM's
--enable-tokenizer-info-endpoint) and `/server_info` (in its development mode only). What no door tells of the chat
template and tokenizer is told by what they do: the digest of the ids of a conversation that is always the same.
"""

import asyncio
import json
from collections.abc import Mapping, Sequence
from hashlib import sha256

from pydantic import JsonValue

from scaling.protocols import EngineUnavailableError, RequestRefusedError
from worker.engines.connection import Facts
from worker.engines.http import JsonClient

PROBE: Sequence[dict[str, str]] = (
    {"role": "system", "content": "You count."},
    {"role": "user", "content": "1 + 1 = ? \\frac{1}{2}, 二, \N{PARTY POPPER}"},
    {"role": "assistant", "content": "<think>\nTwo.\n</think>\n\n\\boxed{2}"},
    {"role": "user", "content": "Wait"},
)
_CARD = ("root", "parent", "owned_by")
_CONFIG = ("model", "revision", "tokenizer", "dtype", "quantization", "seed", "generation_config", "max_model_len")


async def server_facts(client: JsonClient, served_as: str, card: Mapping[str, object]) -> Facts:
    """All that the server tells now, of the model that it serves as `served_as`."""
    tokenizer, server, probe = await asyncio.gather(
        _told(client, "/tokenizer_info"), _told(client, "/server_info?config_format=json"), _probe(client, served_as)
    )
    version = await _told(client, "/version")
    return {
        "vllm": _text(version.get("version")),
        **{name: _text(card.get(name)) for name in _CARD},
        **_tokenizer_facts(tokenizer),
        "rendered_probe_sha256": probe,
        **_config_facts(server),
    }


def _tokenizer_facts(told: Mapping[str, object]) -> Facts:
    """Digests of the chat template, and of all that is told of the tokenizer besides."""
    template = told.get("chat_template")
    others = {name: value for name, value in told.items() if name not in ("chat_template", "name_or_path")}
    return {
        "chat_template_sha256": _digest(template) if isinstance(template, str) else None,
        "tokenizer_sha256": _digest(others) if others else None,
    }


def _config_facts(told: Mapping[str, object]) -> Facts:
    """`config` is None where the server has no door for it."""
    config = told.get("vllm_config")
    model = config.get("model_config") if isinstance(config, Mapping) else None
    if not isinstance(model, Mapping):
        return {"config": None}
    return {"config": {name: _plain(model.get(name)) for name in _CONFIG}}


async def _probe(client: JsonClient, served_as: str) -> str | None:
    """None where the server has no chat template: a reward model's, say."""
    try:
        told = await client.post("/tokenize", {"model": served_as, "messages": PROBE}, lambda answer: answer)
    except (RequestRefusedError, EngineUnavailableError):
        return None
    return _digest(told.get("tokens")) if isinstance(told, Mapping) else None


async def _told(client: JsonClient, path: str) -> Mapping[str, object]:
    """Empty where the server does not have this door."""
    try:
        told = await client.get(path)
    except (RequestRefusedError, EngineUnavailableError):
        return {}
    return told if isinstance(told, Mapping) else {}


def _digest(value: object) -> str:
    return sha256(json.dumps(value, sort_keys=True, ensure_ascii=False).encode("utf-8", "replace")).hexdigest()


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _plain(value: object) -> JsonValue:
    return value if isinstance(value, str | int | float | bool) or value is None else str(value)
