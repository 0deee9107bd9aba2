"""Sampling from the tiny model in plain torch, batched, for measuring it without a server."""

from dataclasses import dataclass

import torch
from torch import Tensor

from demo.network import Cache, TinyModel

BATCH_SIZE = 256
PADDING = 0


@dataclass(frozen=True)
class Completion:
    """Generated ids without the stop token, and whether there was one."""

    ids: list[int]
    stopped: bool


@torch.inference_mode()
def generate(
    model: TinyModel, contexts: list[list[int]], stops: set[int], limit: int, temperature: float
) -> list[Completion]:
    """One completion per context, of at most `limit` tokens; temperature 0 is greedy.

    Draws come from torch's global generator: seed it to get the same completions again.
    """
    order = sorted(range(len(contexts)), key=lambda index: len(contexts[index]))
    completions: dict[int, Completion] = {}
    for first in range(0, len(order), BATCH_SIZE):
        indices = order[first : first + BATCH_SIZE]
        batch = _Batch(model, [contexts[index] for index in indices])
        completions.update(zip(indices, batch.run(stops, limit, temperature), strict=True))
    return [completions[index] for index in range(len(contexts))]


class _Batch:
    """Contexts padded on the left, and what has been generated after them; finished rows leave it."""

    def __init__(self, model: TinyModel, contexts: list[list[int]]) -> None:
        self.model = model
        width = max(map(len, contexts))
        ids = torch.tensor([[PADDING] * (width - len(context)) + context for context in contexts])
        self.lengths = torch.tensor([len(context) for context in contexts])
        self.rows = list(range(len(contexts)))
        padding = width - self.lengths[:, None]
        places = torch.arange(width)
        self.visible = places >= padding
        # A padded position sees itself: a row of nothing but masked scores would be NaN, and spread.
        causal = places <= places[:, None]
        mask = (causal & self.visible[:, None]) | torch.eye(width, dtype=torch.bool)
        positions = (places - padding).clamp(min=0)
        self.logits, self.past = model.extend(ids, positions, mask[:, None], None)

    def run(self, stops: set[int], limit: int, temperature: float) -> list[Completion]:
        generated: list[list[int]] = [[] for _ in self.rows]
        stopped = [False for _ in self.rows]
        for count in range(1, limit + 1):
            tokens = _draw(self.logits, temperature)
            going_on = []
            for place, (row, token) in enumerate(zip(self.rows, tokens.tolist(), strict=True)):
                if token in stops:
                    stopped[row] = True
                else:
                    generated[row].append(token)
                    going_on.append(place)
            if not going_on or count == limit:
                break
            self._keep(going_on)
            self._append(tokens[going_on])
        return [Completion(*pair) for pair in zip(generated, stopped, strict=True)]

    def _keep(self, places: list[int]) -> None:
        if len(places) == len(self.rows):
            return
        self.rows = [self.rows[place] for place in places]
        self.lengths, self.visible = self.lengths[places], self.visible[places]
        self.past = _selected(self.past, places)

    def _append(self, tokens: Tensor) -> None:
        self.visible = torch.cat((self.visible, torch.ones(len(tokens), 1, dtype=torch.bool)), 1)
        mask = self.visible[:, None, None]
        self.logits, self.past = self.model.extend(tokens[:, None], self.lengths[:, None], mask, self.past)
        self.lengths = self.lengths + 1


def _selected(cache: Cache, places: list[int]) -> Cache:
    return [(keys[places], values[places]) for keys, values in cache]


def _draw(logits: Tensor, temperature: float) -> Tensor:
    if temperature == 0:
        return logits.argmax(-1)
    return torch.multinomial((logits / temperature).softmax(-1), 1)[:, 0]
