"""The `overthink` command. Modules of commands stay light: what is heavy is imported when a command runs."""

import sys

from overthink.cli.exits import Exit


def main() -> None:
    """Runs the command line; what our own parts refuse becomes a message on standard error and an exit code."""
    try:
        from overthink.cli.app import app

        app(prog_name="overthink")
    except KeyboardInterrupt:
        sys.exit(Exit.INTERRUPTED)
    except Exception as error:
        from overthink.cli.explain import explain

        explanation = explain(error)
        if explanation is None:
            raise
        print(explanation.text, file=sys.stderr)
        sys.exit(explanation.code)
