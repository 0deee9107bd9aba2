"""The folder that an embedded stack lives in, and where each thing is inside it.

Unix sockets have short paths (107 bytes on Linux), so a deep home keeps its sockets in a folder of the system's
temporary directory; that folder goes when the stack stops.
"""

import hashlib
import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

LONGEST_RUN_FOLDER = 50  # bytes; vLLM and multiprocessing append up to 45, and 107 is the limit


@dataclass(frozen=True)
class Home:
    root: Path

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    @property
    def lock(self) -> Path:
        return self.root / "stack.lock"

    @property
    def info(self) -> Path:
        return self.root / "stack.json"

    @property
    def registry(self) -> Path:
        return self.root / "models.yaml"

    @property
    def postgres(self) -> Path:
        """Holds PostgreSQL's `data`; a link when PostgreSQL's user cannot reach this folder."""
        return self.root / "postgres"

    @property
    def vllm(self) -> Path:
        """vLLM's caches and configuration, which would otherwise be written to the user's home."""
        return self.root / "vllm"

    @property
    def digest(self) -> str:
        """A short name for this folder, the same in every run."""
        return hashlib.sha256(os.fsencode(self.root)).hexdigest()[:12]

    def log(self, part: str) -> Path:
        return self.logs / f"{part}.log"

    def create(self) -> None:
        for folder in (self.root, self.logs, self.vllm):
            folder.mkdir(parents=True, exist_ok=True)

    def create_run_folder(self) -> Path:
        """An empty folder for sockets and temporary files, with a path short enough for sockets."""
        folder = self.root / "run"
        if len(os.fsencode(folder)) > LONGEST_RUN_FOLDER:
            folder = Path(tempfile.mkdtemp(prefix="overthink-", dir="/tmp"))
        else:
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
        folder.chmod(0o711)  # PostgreSQL, when it runs as another user, must pass through
        return folder
