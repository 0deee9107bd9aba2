"""What can go wrong with what is remembered. Each docstring says what happened and what to do."""

from scaling.errors import BadInputError


class FencedOutError(Exception):
    """This attempt no longer owns its job: it was cancelled, or its lease ended and the job was taken back.

    Nothing was written. Drop the work; whoever has the job now will finish it.
    """


class WrongStatusError(BadInputError):
    """The experiment is in a status that does not allow this. Look at its status and choose another action."""


class UnknownExperimentError(BadInputError):
    """There is no experiment of that id or name. `overthink status` lists them."""


class UnknownJobError(BadInputError):
    """There is no job of that id."""


class UnknownScanError(BadInputError):
    """The experiment has no such scan. `overthink scans` lists them."""


class UnknownUploadError(BadInputError):
    """There is no upload of that address, or several whose addresses begin so. `overthink uploads` lists them."""


class UploadInUseError(BadInputError):
    """An experiment that has not ended asks what is in it. Nothing was deleted; wait for its end, or cancel it."""


class UnknownProblemError(BadInputError):
    """There is no problem of that id."""


class UnknownFailureError(BadInputError):
    """No job failed in such a way, or jobs failed in several; the message lists how they did."""
