"""A strategy that this version does not have: an experiment that ran it is shown all the same, with its numbers."""

from typing import NoReturn

from scaling.strategy import Strategy
from scaling.types import Problem


class UnknownStrategy(Strategy):
    """Of itself it says that nothing is known. It is not in STRATEGIES, since nobody can ask for it."""

    @property
    def side_by_side(self) -> None:
        return None

    @property
    def generations_per_chain(self) -> None:
        return None

    @property
    def asked_waits(self) -> None:
        return None

    async def solve(self, problem: Problem, recorder: object) -> NoReturn:
        raise ValueError(f"strategy {self.strategy!r} is not known here, or not with these fields; run it where it is")
