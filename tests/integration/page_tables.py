"""What the tables of a page say, and where their rows and its links lead: read from its HTML as a browser would."""

from html.parser import HTMLParser
from urllib.parse import parse_qs

Cells = dict[str, str]


class Tables(HTMLParser):
    """Rows of the table of one name, by the titles of its columns, and each row's address; and all other links."""

    def __init__(self, name: str = "") -> None:
        super().__init__()
        self.name, self.inside, self.cell, self.href = name, False, "", ""
        self.titles: list[str] = []
        self.rows: list[list[str]] = []
        self.doors: list[list[str]] = []
        self.links: dict[str, str] = {}

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        said = dict(attributes)
        if tag == "div" and said.get("class") == "ot-table-frame":
            self.inside = said.get("data-name") == self.name
        if tag in ("th", "td"):
            self.cell = ""
        if tag == "tr" and self.inside:
            self.rows.append([])
            self.doors.append([])
        if tag == "a":
            self.cell, self.href = "", said.get("href") or ""
            if self.inside:
                self.doors[-1].append(self.href)

    def handle_data(self, data: str) -> None:
        self.cell += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "a":
            self.links[self.cell.strip()] = self.href
        if tag in ("th", "td") and self.inside:
            (self.titles if tag == "th" else self.rows[-1]).append(self.cell.strip())
        if tag == "table":
            self.inside = False


def table_of(page: str, name: str) -> list[Cells]:
    """Each row, by the titles of the columns."""
    found = read(page, name)
    assert found.titles, f"the page has no table {name}"
    return [dict(zip(found.titles, row, strict=True)) for row in found.rows[1:]]


def doors_of(page: str, name: str) -> list[list[str]]:
    """The addresses in each row: the row's own first, then those of its cells."""
    return read(page, name).doors[1:]


def links_of(page: str) -> dict[str, str]:
    """Every link's address, by its words; the last of several with the same words."""
    return read(page, "").links


def read(page: str, name: str) -> Tables:
    parser = Tables(name)
    parser.feed(page)
    return parser


def parameters(href: str) -> dict[str, str]:
    return {name: values[-1] for name, values in parse_qs(href.partition("?")[2], keep_blank_values=True).items()}
