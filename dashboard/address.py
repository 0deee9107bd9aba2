"""The addresses of the dashboard: every page, and every parameter that may stand behind it, declared once.

An address says everything that a page shows, so that a copied one shows the same to anybody. It is built here and
nowhere else; what a page does not declare is not carried along. Most parameters are bound to a widget whose key is the
parameter's name: Streamlit keeps those in step, and takes a name for one page's only. So no two pages share one.
"""

from collections.abc import Iterable, Mapping
from enum import Enum, StrEnum
from urllib.parse import urlencode


class Page(StrEnum):
    """Each is the last part of its path."""

    EXPERIMENTS = ""
    SUBMIT = "submit"
    EXPERIMENT = "experiment"
    COMPARE = "compare"
    TRACES = "traces"
    TRACE = "trace"
    PROBLEM = "problem"
    JUDGE = "judge"
    SEARCH = "search"
    SCANS = "scans"
    QUEUE = "queue"


class Kind(Enum):
    """What may stand behind a parameter's name."""

    NUMBER = "a whole number from 0"
    AMOUNT = "a number"
    TEXT = "any text"
    CHOICE = "one of the names that the page offers"
    CHOICES = "several of the names that the page offers, each with the parameter's name before it"
    SWITCH = "true or false"
    ARM = "an arm by its experiment and label, as 3:chain_of_thought; several of them"
    PATH = "the path of a step, as 0.3.1"


LIST = {
    "arm": Kind.CHOICE,
    "verdict": Kind.CHOICE,
    "job_status": Kind.CHOICE,
    "level": Kind.CHOICE,
    "problem": Kind.CHOICE,
    "question": Kind.TEXT,
    "says": Kind.TEXT,
    "least": Kind.NUMBER,
    "most": Kind.NUMBER,
    "minscore": Kind.AMOUNT,
    "maxscore": Kind.AMOUNT,
    "minwaits": Kind.NUMBER,
    "maxwaits": Kind.NUMBER,
    "cut": Kind.CHOICE,
    "unread": Kind.CHOICE,
    "rated": Kind.CHOICE,
    "tagged": Kind.CHOICE,
    "error": Kind.CHOICE,
    "hit": Kind.CHOICE,
    "order": Kind.CHOICE,
}
"""Which traces are listed, and how."""

READING = {"follow": Kind.CHOICE, "step": Kind.PATH, "seek": Kind.TEXT, "ids": Kind.SWITCH, "colour": Kind.CHOICE}
"""How a trace is read, on its own page and beside the list: the reader says it, and no widget."""

IN = "in_"
"""Before the name of each of them in the address of one trace: the list that it was opened from."""

PARAMETERS: Mapping[Page, Mapping[str, Kind]] = {
    Page.EXPERIMENTS: {
        "find": Kind.TEXT,
        "status": Kind.CHOICE,
        "model": Kind.CHOICE,
        "owner": Kind.CHOICE,
        "tag": Kind.CHOICE,
        "since": Kind.NUMBER,
        "sort": Kind.CHOICE,
        "sheet": Kind.NUMBER,
        "needs": Kind.CHOICE,
    },
    Page.SUBMIT: {"preset": Kind.CHOICE, "like": Kind.NUMBER, "as": Kind.CHOICE},
    Page.EXPERIMENT: {
        "id": Kind.NUMBER,
        "section": Kind.CHOICE,
        # results
        "view": Kind.CHOICE,
        # accuracy against compute
        "x": Kind.CHOICE,
        "k": Kind.CHOICES,
        "published": Kind.CHOICE,
        "with": Kind.CHOICES,
        "log": Kind.SWITCH,
        "front": Kind.SWITCH,
        "budgets": Kind.SWITCH,
        # of k candidates
        "metrics": Kind.CHOICES,
        "aggregate": Kind.CHOICE,
        # by difficulty
        "basein": Kind.CHOICE,
        "base": Kind.CHOICE,
        "by": Kind.CHOICE,
        "bins": Kind.NUMBER,
        "cost": Kind.CHOICE,
        "arms": Kind.CHOICES,
        "everyarm": Kind.SWITCH,
        "costlog": Kind.SWITCH,
        "withall": Kind.SWITCH,
        # thinking against budget
        "controllog": Kind.SWITCH,
        # tokens per job
        "of": Kind.CHOICE,
        "shown": Kind.CHOICES,
        "tokenslog": Kind.SWITCH,
        # verdict
        "axes": Kind.CHOICES,
        "families": Kind.TEXT,
        "within": Kind.TEXT,
        "margin": Kind.AMOUNT,
        "partedin": Kind.CHOICE,
        "partedby": Kind.CHOICE,
        "parts": Kind.NUMBER,
        "claim": Kind.CHOICE,
        "axis": Kind.CHOICE,
        "allcells": Kind.SWITCH,
    },
    Page.COMPARE: {
        "home": Kind.NUMBER,
        "from": Kind.ARM,
        "to": Kind.ARM,
        "look": Kind.NUMBER,
        "part": Kind.CHOICE,
        # problem by problem
        "cell": Kind.CHOICE,
        "problems": Kind.CHOICE,
        "pair": Kind.PATH,
        "of_job": Kind.NUMBER,
        "alt": Kind.NUMBER,
        # at equal compute
        "compute": Kind.CHOICE,
        "at": Kind.AMOUNT,
    },
    Page.TRACES: {"experiment": Kind.NUMBER, **LIST, "page": Kind.NUMBER, "row": Kind.NUMBER, **READING},
    Page.QUEUE: {"place": Kind.NUMBER},
    Page.TRACE: {
        "job": Kind.NUMBER,
        **{f"{IN}{name}": kind for name, kind in LIST.items()},
        **READING,
        "tab": Kind.CHOICE,
    },
    Page.PROBLEM: {"problem_id": Kind.NUMBER},
    Page.JUDGE: {
        "judging": Kind.NUMBER,
        "between": Kind.CHOICE,
        "show": Kind.CHOICE,
        "stage": Kind.CHOICE,
        "judgements": Kind.NUMBER,
    },
    Page.SCANS: {
        "of_experiment": Kind.NUMBER,
        "scan": Kind.NUMBER,
        "of_arm": Kind.CHOICE,
        "look_for": Kind.CHOICE,
        "words": Kind.TEXT,
        "whose": Kind.CHOICE,
        "part_of": Kind.CHOICE,
        "judge_model": Kind.CHOICE,
        "judge_gives": Kind.CHOICE,
        "labels": Kind.TEXT,
        "traces_of": Kind.CHOICE,
        "below": Kind.AMOUNT,
    },
    Page.SEARCH: {"q": Kind.TEXT, "among": Kind.NUMBER, "older": Kind.NUMBER},
}

Value = str | int | Iterable[str] | None


class UndeclaredParameterError(Exception):
    """An address was asked for with a parameter that its page does not declare in `PARAMETERS`."""


def href(page: Page, /, **parameters: Value) -> str:
    """A link to the page, relative as all pages are beside each other; None and "" are left out."""
    _require_declared(page, parameters)
    query = urlencode({name: _said(value) for name, value in parameters.items() if value not in (None, "")}, doseq=True)
    return f"./{page}?{query}" if query else f"./{page}"


def here(page: Page, /, **changes: Value) -> str:
    """A link to the page that is open, as it stands, but for these changes; None takes a parameter away.

    Begins with `?`: the browser, which alone knows what stands in the address now, adds the rest.
    """
    _require_declared(page, changes)
    return "?" + urlencode({name: _said(value) for name, value in changes.items()}, doseq=True)


def _said(value: Value) -> str | list[str]:
    if value is None:
        return ""
    return str(value) if isinstance(value, str | int) else list(value)


def _require_declared(page: Page, names: Iterable[str]) -> None:
    """Raises UndeclaredParameterError."""
    if unknown := [name for name in names if name not in PARAMETERS[page]]:
        known = ", ".join(PARAMETERS[page])
        raise UndeclaredParameterError(
            f"/{page} has no parameter {', '.join(unknown)}; it has {known}. Declare it in dashboard/address.py."
        )


def in_list(parameters: Mapping[str, str]) -> dict[str, str]:
    """The list's parameters as the address of one trace has them."""
    return {f"{IN}{name}": value for name, value in parameters.items() if name in LIST}


def of_list(parameters: Mapping[str, str]) -> dict[str, str]:
    """The other way round, from a trace's address."""
    named = {name.removeprefix(IN): value for name, value in parameters.items() if name.startswith(IN)}
    return {name: value for name, value in named.items() if name in LIST}
