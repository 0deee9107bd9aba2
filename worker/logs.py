"""What a worker or reconciler says: state changes, once each, with experiment and job ids; libraries only warnings."""

import logging
import sys

FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


def log_to_stderr(level: int = logging.INFO) -> None:
    """For a process of our own. Does nothing if logging is configured already."""
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format=FORMAT)
    logging.getLogger("worker").setLevel(level)
