r"""Answers as the rules of text read them, by kind and by position: marker, box, last resort; and how they are voted on.

Text comes from a model: any length on one line, NUL, lone surrogates. Every pattern here is linear in it, and what is
longer than MAX_ANSWER_CHARACTERS is no answer. When in doubt no answer is read, with the reason: a wrong answer taken for
a right one is the worst that can happen. Mathematics is only found here; a library in the worker reads it.
"""

import re
from collections.abc import Callable, Iterator, Sequence

from scaling import choices, formulas, integers, phrases
from scaling.announced import MAX_ANSWER_CHARACTERS, Announced, How, announcements, last_paragraph, own_words
from scaling.types import GraderName, Problem, Reading, Unread
from scaling.voting import Aggregate, How as Selection, VoteResult, aggregate, choose, concluded, select, vote
