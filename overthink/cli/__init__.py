"""The `overthink` command. Modules of commands stay light: what is heavy is imported when a command runs."""

import io
import sys

from overthink.cli.exits import Exit


def main() -> None:
    """Runs the command line; what our own parts refuse becomes a message on standard error and an exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that is not UTF-8 shows ? for what it cannot
    try:
        from overthink.cli.app import app

        app(prog_name="overthink")
    except KeyboardInterrupt:
        sys.exit(Exit.INTERRUPTED)
    except Exception as error:
        from overthink.cli.explain import explain
        from overthink.cli.harmless import harmless

        explanation = explain(error)
        if explanation is None:
            raise
        print(harmless(explanation.text), file=sys.stderr)
        sys.exit(explanation.code)
