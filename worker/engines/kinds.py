"""The engines, by the name that the registry gives in `engine:`. A new one is a file and a line here."""

from collections.abc import Mapping
from types import MappingProxyType

from worker.engines.chat import ChatEngine
from worker.engines.served import ServedEngine
from worker.engines.vllm import VllmEngine

ENGINES: Mapping[str, type[ServedEngine]] = MappingProxyType({"vllm": VllmEngine, "chat": ChatEngine})
