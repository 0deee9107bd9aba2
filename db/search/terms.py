"""What is looked for: terms, all of which a trace must have.

A term is what stands between spaces, or between double quotes with the spaces that it has. It is looked for as it was
typed, signs and all, whatever the case, from the start of a word on: `wait` finds *Waiting*, but not *await*. Which
traces have its words an index knows; whether they stand there in that way is then read in their texts.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from db.search.words import words_of
from db.text import storable
from scaling.errors import BadInputError

MOST_TERMS = 8
LONGEST = 500
TERM = re.compile(r'"([^"]*)"|(\S+)')


class SearchError(BadInputError):
    """What was typed cannot be searched for. The message says why, and what can."""


@dataclass(frozen=True, slots=True)
class Term:
    """`literal` as it was typed."""

    literal: str

    @property
    def words(self) -> tuple[str, ...]:
        return tuple(words_of(self.literal))

    @property
    def is_word(self) -> bool:
        """The index alone knows where it is."""
        return self.words == (self.literal.lower(),)

    @property
    def tsquery(self) -> str:
        """Its words hold nothing that would have to be quoted. The last may go on, unless a sign ends it."""
        ends_in_a_word = any(words_of(self.literal[-1]))
        return " & ".join(self.words) + (":*" if ends_in_a_word else "")

    @property
    def pattern(self) -> str:
        """A regular expression of PostgreSQL for it, from the start of a word on."""
        start = "(?<![[:alnum:]])" if self.literal[0].isalnum() else ""
        return start + "".join(sign if sign.isalnum() or ord(sign) > 127 else f"\\{sign}" for sign in self.literal)


Terms = tuple[Term, ...]


def terms_of(typed: str) -> Terms:
    """Raises SearchError."""
    literals = [quoted or plain for quoted, plain in TERM.findall(storable(typed))]
    terms = tuple(Term(literal) for literal in dict.fromkeys(literals) if literal.strip())
    _require_searchable(typed, terms)
    return terms


def _require_searchable(typed: str, terms: Terms) -> None:
    if not terms:
        raise SearchError('nothing to search for: type a word, a number, or "several words in quotes"')
    if len(typed) > LONGEST:
        raise SearchError(f"{len(typed):,} characters are too many to search for; at most {LONGEST:,}")
    if len(terms) > MOST_TERMS:
        raise SearchError(f'{len(terms)} words are too many; at most {MOST_TERMS}. For a sentence use "quotes"')
    if wordless := [term.literal for term in terms if not term.words]:
        raise SearchError(f"{wordless[0]!r} has no letter and no digit; signs are found beside a word, as \\boxed{{3")
    if typed.count('"') % 2 and any('"' in term.literal for term in terms):
        raise SearchError('a quote " is opened and not closed')


def words_query(terms: Terms) -> str:
    """As PostgreSQL takes it: the words of all of them."""
    return " & ".join(term.tsquery for term in terms)


def values_of(terms: Terms) -> Mapping[str, object]:
    """The parameters of what `texts_have` and whoever asks for `:said_words` makes."""
    literals = {f"said_{at}": term.literal for at, term in enumerate(terms)}
    return {"said_words": words_query(terms), **literals, **{f"at_{at}": each.pattern for at, each in enumerate(terms)}}


def texts_have(terms: Terms, job_id: str) -> str:
    """The condition that texts of a job have what its words alone do not tell: asked of one job after another."""
    checked = [at for at, term in enumerate(terms) if not term.is_word]
    return " AND ".join(["true", *(_text_has(at, job_id) for at in checked)])


def _text_has(at: int, job_id: str) -> str:
    """Only what has it at all is looked at for a place where a word starts: that takes ten times as long."""
    return f"""
    (SELECT true FROM steps WHERE steps.job_id = {job_id} AND steps.kind <> 'prompt'
       AND CASE WHEN strpos(lower(steps.text), lower(:said_{at})) > 0 THEN steps.text ~* :at_{at} END LIMIT 1)"""
