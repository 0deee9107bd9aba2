"""A claim's verdicts, axes × budgets, as HTML. Colour never says it alone; each cell has its band in its title. Pure.

Axes have budgets of their own, so a row has its cells from the smallest on, and columns mean nothing.
"""

from dashboard.address import Page, here
from dashboard.escaping import in_html
from results import Claimed, Standing
from results.verdict.words import SIGNS, standing_words, verdict_on
from results.wording import budget_shown, points
from scaling.compute.axes import Axis
from scaling.verdict.rule import Verdict


def matrix_html(claimed: Claimed) -> str:
    """A click on an axis draws it."""
    widest = max(len(claimed.on(axis)) for axis in claimed.axes)
    body = "".join(_row_html(claimed, axis) for axis in claimed.axes)
    minus = in_html(f"{claimed.claim.second.name} minus {claimed.claim.first.name}")
    return (
        f'<div class="ot-table-frame" data-name="claim"><table class="ot-verdicts" aria-label="verdicts"><thead><tr>'
        f'<th scope="col">axis</th><th scope="col">over its budgets</th>'
        f'<th scope="col" colspan="{widest}">{minus}, in points, within so much a problem</th>'
        f"</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _row_html(claimed: Claimed, axis: Axis) -> str:
    door = in_html(here(Page.EXPERIMENT, claim=claimed.claim.name, axis=axis.label))
    assert claimed.decided is not None
    cells = "".join(_cell_html(each, claimed.decided.level) for each in claimed.on(axis))
    return (
        f'<tr><th scope="row"><a href="{door}">{in_html(axis.label)}</a></th>'
        f"<td>{_verdict_html(verdict_on(claimed, axis))}</td>{cells}</tr>"
    )


def _cell_html(standing: Standing, level: float) -> str:
    title = in_html(cell_title(standing, level))
    return (
        f'<td class="{standing.verdict.value}" title="{title}"><span>≤ {in_html(budget_shown(standing.budget))}</span>'
        f"{_verdict_html(standing.verdict)}<span>{points(standing.band)}</span></td>"
    )


def _verdict_html(verdict: Verdict) -> str:
    return f"<b>{SIGNS[verdict]} {verdict.value}</b>"


def cell_title(standing: Standing, level: float) -> str:
    """All that a cell says, in words."""
    chosen = "; ".join(f"{each.name}: {' / '.join(each.settings)}" for each in (standing.first, standing.second))
    turned = "\nFailed or unreadable answers could turn it round." if standing.cell.could_turn else ""
    needed = standing.cell.problems_needed
    more = f"\nAbout {needed:,} problems would decide it, if the difference stays." if needed else ""
    return f"{standing_words(standing, level)}\nChosen: {chosen}{turned}{more}"
