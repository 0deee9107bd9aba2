"""What cannot be answered of an experiment's results, said with what could be."""

from scaling.errors import BadInputError


class UnknownArmError(BadInputError):
    """The experiment has no such arm. `overthink results` lists them."""


class NoResultsError(BadInputError):
    """The arms have no results that this question could be answered with. The message says what is missing."""


class UnknownQuestionError(BadInputError):
    """There is no question of this name. The message lists them with their options."""


class UnknownOptionError(BadInputError):
    """A question was told something that it does not take. The message says what it takes."""
