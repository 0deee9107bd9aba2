"""`python -m overthink`: the same as the `overthink` command."""

from overthink.cli import main

if __name__ == "__main__":
    main()
