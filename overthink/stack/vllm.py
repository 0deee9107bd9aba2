"""vLLM as a part: its OpenAI-compatible server with the tiny model, on the CPU, on a reserved port.

The flags and variables are what one small machine needs (measured with vLLM 0.32 on two cores):
- chunked prefill is off, because it and a seed per request kill the engine on a CPU; so a batch must hold a context;
- one OpenMP thread, bound to no core: as fast for so small a model as the default, which binds every server to core 0,
  and 1.6 times as fast for one request at a time;
- the engine runs the model in its own process (the variable's only effect on a server): otherwise the two wait for each
  other by spinning, on both cores, and whoever should bring new requests waits in turn: up to 2 s of an all but idle
  engine at a time, and 5,000 tokens/s of a run instead of 7,000;
- nothing is compiled: the first request for log-probs would have one comparison of vLLM's compiled, in C++, while every
  other request waits;
- every file that it writes goes into the stack's home.
"""

import json
from copy import deepcopy
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from sys import executable

from scaling.spec import yaml12

from .home import Home
from .part import Part
from .ports import LOOPBACK, answers

TINY_MODEL = Path(__file__).resolve().parents[2] / "demo" / "tiny_model"
WEIGHTS = "model.safetensors"
DTYPE = "float32"
SERVED_AS = "ladder-tiny"
INSTRUCT = "ladder-tiny-instruct"
"""The same weights by another name, for what a model is held against that was trained to think: that its training
brought nothing is then known. It is asked as the other is: the chat template opens a thought for both. Registered as
`plain`, its thoughts would pass for its answers, and the doctor would say so; without `<think>` in its prompt it is
another solver, and a poor one (.13 of 300 problems correct instead of .53). With the same seeds the two would draw the
same samples: give the arms of one of them a `seed`.
"""
VERIFIER = "ladder-tiny-prm"
MAX_REQUESTS = 128
THINKING = {
    "start": "<think>\n",
    "stop": ["</think>"],
    "answer_opener": "</think>\n",
    "final_answer": "\\boxed{",
    "step_delimiter": "\n",
}
"""The strings that the tiny model was trained with; its model card documents them."""


@dataclass(frozen=True)
class ServedModel:
    """A model folder, read as far as the server's options and the registry need it."""

    folder: Path

    @property
    def context_length(self) -> int:
        return int(json.loads((self.folder / "config.json").read_text())["max_position_embeddings"])

    @property
    def num_parameters(self) -> int:
        """Counted in the header of the weights file: eight bytes of length, then JSON with each tensor's shape."""
        with (self.folder / "model.safetensors").open("rb") as file:
            header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
        header.pop("__metadata__", None)
        return sum(_product(tensor["shape"]) for tensor in header.values())


def _product(shape: list[int]) -> int:
    product = 1
    for length in shape:
        product *= length
    return product


def endpoint(port: int) -> str:
    return f"http://{LOOPBACK}:{port}"


def vllm_part(home: Home, run_folder: Path, port: int) -> Part:
    return Part(
        "vllm",
        command=(executable, "-P", "-m", "vllm.entrypoints.openai.api_server", *_options(port)),
        environment=_environment(home, run_folder),
        is_ready=lambda: answers(port, "/health"),
        ready_timeout_s=300.0,
        max_quick_deaths=3,
    )


def _options(port: int) -> tuple[str, ...]:
    context_length = ServedModel(TINY_MODEL).context_length
    return (
        f"--model={TINY_MODEL}",
        f"--served-model-name={SERVED_AS}",
        f"--host={LOOPBACK}",
        f"--port={port}",
        f"--dtype={DTYPE}",
        "--enforce-eager",
        "--no-enable-chunked-prefill",
        f"--max-model-len={context_length}",
        f"--max-num-batched-tokens={max(4096, context_length)}",
        f"--max-num-seqs={MAX_REQUESTS * 2}",
        "--enable-prompt-tokens-details",
        "--enable-per-request-metrics",
        "--enable-tokenizer-info-endpoint",
        "--disable-uvicorn-access-log",
    )


def _environment(home: Home, run_folder: Path) -> dict[str, str]:
    return {
        "VLLM_CPU_KVCACHE_SPACE": "1",
        "VLLM_ENABLE_V1_MULTIPROCESSING": "0",
        "VLLM_CPU_OMP_THREADS_BIND": "nobind",
        "OMP_NUM_THREADS": "1",
        "TORCH_COMPILE_DISABLE": "1",
        "HF_HUB_OFFLINE": "1",
        "VLLM_NO_USAGE_STATS": "1",
        "VLLM_CACHE_ROOT": str(home.vllm),
        "VLLM_CONFIG_ROOT": str(home.vllm / "config"),
        "XDG_CACHE_HOME": str(home.vllm),
        "VLLM_RPC_BASE_PATH": str(run_folder),
        "TMPDIR": str(run_folder),
    }


def write_registry(path: Path, url: str) -> None:
    """The model registry of a stack: the tiny model behind the server at `url`, which is its own base, and verifies."""
    model = {
        "endpoint": url,
        "served_as": SERVED_AS,
        "parameters": ServedModel(TINY_MODEL).num_parameters,
        "config": str(TINY_MODEL / "config.json"),
        "thinking": THINKING,
        "max_requests": MAX_REQUESTS,
        "facts": {"dtype": DTYPE, "weights_sha256": sha256((TINY_MODEL / WEIGHTS).read_bytes()).hexdigest()},
    }
    verifier = {"model": SERVED_AS, "format": "ladder"}
    models = {SERVED_AS: {**model, "base": INSTRUCT}, INSTRUCT: deepcopy(model)}
    registry = {"models": models, "verifiers": {VERIFIER: verifier}}
    path.write_text(yaml12.dump(registry))
