"""What the exit code of a command says."""

from enum import IntEnum


class Exit(IntEnum):
    OK = 0  # done; for an experiment: every job succeeded
    FAILURES = 1  # the experiment ended and not every job succeeded; doctor: something needs mending
    BAD_INPUT = 2  # a spec, an option or a name is wrong; nothing was changed
    UNREACHABLE = 3  # PostgreSQL, Redis, a model server or the embedded stack is missing or does not answer
    INTERRUPTED = 130  # Ctrl-C or SIGTERM; nothing that was stored is lost
