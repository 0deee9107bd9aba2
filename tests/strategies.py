"""Strategies with what they must be given and nothing else, for tests that are about all of them."""

from scaling.chains.length_control import LengthControl
from scaling.strategy import Strategy


def least(strategy: type[Strategy], verifier: str = "judge") -> Strategy:
    needed = {name: field.annotation for name, field in strategy.model_fields.items() if field.is_required()}
    given: dict[str, object] = {name: verifier if kind is str else 2 for name, kind in needed.items()}
    return strategy.model_validate({"tokens": 2} if strategy is LengthControl else given)
