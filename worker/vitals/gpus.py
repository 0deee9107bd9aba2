"""The GPUs of the worker's own machine, as NVIDIA's driver tells; where there is none, nobody is asked."""

import csv
import subprocess
from dataclasses import dataclass
from shutil import which

QUERY = ("--query-gpu=name,memory.used,memory.total,utilization.gpu", "--format=csv,noheader,nounits")
TIMEOUT_S = 5.0


@dataclass(frozen=True, slots=True)
class Gpu:
    """None, but for the name: the driver does not tell."""

    name: str
    memory_used_mib: int | None
    memory_total_mib: int | None
    use: float | None
    """The share of the last moment, 0 to 1, in which something ran on it."""


def gpus() -> tuple[Gpu, ...] | None:
    """None: not told. Takes up to TIMEOUT_S."""
    program = which("nvidia-smi")
    if program is None:
        return None
    try:
        told = subprocess.run([program, *QUERY], capture_output=True, text=True, timeout=TIMEOUT_S, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    return gpus_of(told.stdout)


def gpus_of(told: str) -> tuple[Gpu, ...]:
    rows = [[cell.strip() for cell in row] for row in csv.reader(told.splitlines())]
    return tuple(_gpu(*row) for row in rows if len(row) == 4)


def _gpu(name: str, used: str, total: str, percent: str) -> Gpu:
    use = _count(percent)
    return Gpu(name, _count(used), _count(total), None if use is None else use / 100)


def _count(said: str) -> int | None:
    """None for `[N/A]`, as of a part of a GPU."""
    return int(said) if said.isdecimal() else None
