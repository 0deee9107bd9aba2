"""The tiny model's recipe: `python -m demo.train --seed 1 --out DIR`.

One core, one pass, no data files: examples are drawn as they are needed. Muon moves the inner matrices and AdamW the
rest, on one cosine schedule counted in tokens, so that a busy machine trains the same model, only later.
"""

import argparse
import math
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

import torch
from torch import Tensor
from torch.nn import functional

from demo.curriculum import examples, target_weight
from demo.grading import BAD, GOOD
from demo.muon import Muon
from demo.network import TinyModel, save
from demo.traces import BOXED, EQUALS, IGNORE, NO, OK, Example
from demo.vocabulary import VOCABULARY_SIZE

BATCH_TOKENS = 4096
BATCHES_PER_POOL = 24
LENGTH_BUCKET = 32
MATRIX_LEARNING_RATE = 0.02
LEARNING_RATE = 3e-3
WARM_UP_STEPS = 100
FINAL_LEARNING_RATE = 0.02
REPORT_EVERY_STEPS = 100
SAVE_EVERY_STEPS = 500


@dataclass
class Run:
    """How far a training run is."""

    tokens_wanted: int
    tokens: int = 0
    steps: int = 0

    @property
    def progress(self) -> float:
        return self.tokens / self.tokens_wanted

    @property
    def learning_rate(self) -> float:
        """As a share of the peak: a linear warm-up, then half a cosine."""
        cosine = 0.5 * (1 + math.cos(math.pi * min(1.0, self.progress)))
        warm_up = min(1.0, (self.steps + 1) / WARM_UP_STEPS)
        return warm_up * (FINAL_LEARNING_RATE + (1 - FINAL_LEARNING_RATE) * cosine)


def batches(source: Iterator[Example], random: Random) -> Iterator[tuple[Tensor, Tensor]]:
    """Endless batches of ids and targets, each of about BATCH_TOKENS and of examples of similar length."""
    while True:
        pool, tokens = [], 0
        while tokens < BATCH_TOKENS * BATCHES_PER_POOL:
            pool.append(next(source))
            tokens += len(pool[-1].ids)
        grouped = list(_grouped(sorted(pool, key=lambda example: len(example.ids))))
        random.shuffle(grouped)
        yield from map(_padded, grouped)


def _grouped(by_length: list[Example]) -> Iterator[list[Example]]:
    group: list[Example] = []
    for example in by_length:
        if group and (len(group) + 1) * _width(example) > BATCH_TOKENS:
            yield group
            group = []
        group.append(example)
    yield group


def _width(example: Example) -> int:
    """Its length, rounded up so that batches have few different shapes."""
    return -(-len(example.ids) // LENGTH_BUCKET) * LENGTH_BUCKET


def _padded(group: list[Example]) -> tuple[Tensor, Tensor]:
    """Ids and targets, examples x positions. Padding comes last, where causal attention never sees it."""
    width = max(map(_width, group))
    ids = [example.ids + [0] * (width - len(example.ids)) for example in group]
    targets = [example.targets + [IGNORE] * (width - len(example.targets)) for example in group]
    return torch.tensor(ids), torch.tensor(targets)


def weight_table() -> Tensor:
    """Loss weights, ids x targets."""
    everything = range(VOCABULARY_SIZE)
    return torch.tensor([[target_weight(before, target) for target in everything] for before in everything])


def losses(model: TinyModel, ids: Tensor, targets: Tensor) -> Tensor:
    """Cross-entropy of every target, in row-major order of their positions."""
    learned = targets != IGNORE
    return functional.cross_entropy(model.logits(model.hidden(ids)[learned]), targets[learned], reduction="none")


class Meter:
    """Running means of the losses that matter, in nats."""

    def __init__(self) -> None:
        self.means: dict[str, float] = {}

    @torch.no_grad()
    def add(self, ids: Tensor, targets: Tensor, loss: Tensor) -> None:
        learned = targets != IGNORE
        before, target = ids[learned], targets[learned]
        kinds = {
            "result": before == EQUALS,
            "verdict": (target == OK) | (target == NO),
            "grade": (target == GOOD) | (target == BAD),
            "answer": before == BOXED,
        }
        for kind, chosen in kinds.items():
            if chosen.any():
                now = loss[chosen].mean().item()
                self.means[kind] = 0.98 * self.means.get(kind, now) + 0.02 * now

    def __str__(self) -> str:
        return " ".join(f"{kind} {mean:.4f}" for kind, mean in self.means.items())


class Optimizers:
    """Muon for the inner matrices, AdamW for embedding, norms and biases, under one schedule."""

    def __init__(self, model: TinyModel) -> None:
        named = list(model.named_parameters())
        self.model = model
        self.muon = Muon(parameter for name, parameter in named if _is_inner_matrix(name, parameter))
        others = [parameter for name, parameter in named if not _is_inner_matrix(name, parameter)]
        self.adam = torch.optim.AdamW(others, lr=LEARNING_RATE, betas=(0.9, 0.98), weight_decay=0.0, fused=True)

    def step(self, share: float) -> None:
        """Follow the gradients, clipped, at `share` of the peak learning rates; then forget them."""
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.adam.param_groups[0]["lr"] = LEARNING_RATE * share
        self.adam.step()
        self.muon.step(MATRIX_LEARNING_RATE * share)
        self.model.zero_grad()


def train(seed: int, tokens: int, out: Path) -> None:
    """Train on about `tokens` tokens, padding included, and save the model in `out`, now and then and at the end."""
    torch.manual_seed(seed)
    model, run, meter = TinyModel(), Run(tokens), Meter()
    optimizers, weights = Optimizers(model), weight_table()
    stream = batches(examples(seed, lambda: run.progress), Random(seed))
    started = time.monotonic()
    while run.progress < 1:
        ids, targets = next(stream)
        learned = targets != IGNORE
        loss, weight = losses(model, ids, targets), weights[ids[learned], targets[learned]]
        ((loss * weight).sum() / weight.sum()).backward()
        optimizers.step(run.learning_rate)
        run.tokens += ids.numel()
        run.steps += 1
        meter.add(ids, targets, loss)
        if run.steps % REPORT_EVERY_STEPS == 0:
            _report(run, meter, time.monotonic() - started)
        if run.steps % SAVE_EVERY_STEPS == 0:
            save(model, out)
    save(model, out)
    _report(run, meter, time.monotonic() - started)


def _is_inner_matrix(name: str, parameter: Tensor) -> bool:
    return parameter.dim() == 2 and "embed_tokens" not in name


def _report(run: Run, meter: Meter, seconds: float) -> None:
    speed = run.tokens / seconds
    print(f"{run.steps} steps {run.tokens / 1e6:.2f}M tokens {seconds:.0f} s {speed:.0f}/s {meter}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--out", type=Path, required=True, help="folder for the checkpoint")
    parser.add_argument("--tokens", type=int, default=16_000_000)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    train(arguments.seed, arguments.tokens, arguments.out)


if __name__ == "__main__":
    main()
