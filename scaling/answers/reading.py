"""Reading: one way for every grader, from the last announcement back; a grader only says what is an answer to it.

When in doubt no answer is read, with the reason: a wrong answer taken for a right one is the worst that can happen.
"""

import re
from collections import deque

from scaling.answers.announced import MAX_ANSWER_CHARACTERS, Announced, How, announcements, last_paragraph, own_words
from scaling.answers.graders import GRADERS, Rules
from scaling.types import Problem, Reading, Unread

_ABSTAINED = re.compile(
    r"\bI(?:['’]m|\sam)\s(?:really\s|still\s)?(?:not\s(?:\w+\s)?(?:sure|certain)|unsure|uncertain|unable)|\bI\s(?:really\s|honestly\s)?(?:do\snot|don['’]t|"
    r"cannot|can['’]t|could\snot|couldn['’]t|am\snot\sable\sto)\s(?:really\s)?(?:know|answer|determine|solve|tell|say|decide|find|provide|choose)\b|\bunable\sto\s(?:determine|"
    r"answer|solve|find)|\b(?:no\sidea|not\senough\sinformation|insufficient\s(?:information|data))\b|\A\W*(?:n/?a|unknown|unsure|idk|pass|skip|\?+)\W*\Z",
    re.IGNORECASE,
)


_TAKEN_BACK = re.compile(
    r"\A[^.?!\n]{0,40}\?\s{0,4}no\b|\b(?:that|this)(?:['’]s|\s(?:is|was))\s(?:wrong|incorrect|not\s(?:right|correct))\b|\bcan(?:['’]t|not)\sbe\sright\b|"
    r"\A[\s$*]{0,4}\((?:this\sis\s)?(?:wrong|incorrect)\b",
    re.IGNORECASE,
)
"""Behind an answer: it is none."""
_GOES_ON = re.compile(
    r"\b(?:wait|hmm+|actually|sorry|oops|I\smean|on\s(?:reflection|second\sthoughts?)|correct(?:ed|ion)|too\s(?:big|small|large|high|low)|"
    r"maybe|perhaps|hold\son|however|after|before|but|so|now|next|part|step|adding|multiply(?:ing)?|subtract(?:ing)?|dividing|per|each|error|mistake)\b|→|~~",
    re.IGNORECASE,
)
"""Behind an answer: another one may follow, by correction or by further work."""
MOST_TURNS = 16
"""The last so many are looked behind."""


def read(problem: Problem, text: str) -> Reading:
    """The answer that `text` gives to the problem, or why there is none. Mathematics keeps its spelling for a key."""
    rules = GRADERS[problem.grader].rules(problem)
    return _reading(find(text, rules), rules)


def _reading(found: str | Unread, rules: Rules) -> Reading:
    if isinstance(found, Unread):
        return Reading(None, None, found)
    if len(found) > MAX_ANSWER_CHARACTERS:
        return Reading(None, None, Unread.UNREADABLE)
    key = rules.key(found)
    return Reading(found, key) if key else Reading(None, None, Unread.UNREADABLE)


def read_reference(problem: Problem) -> Reading:
    """The problem's own answer: what it announces ("... #### 72"), or all of it, as if it stood in a box."""
    rules = GRADERS[problem.grader].rules(problem)
    text = own_words(problem.answer)
    is_announced = any(each.how is not How.RETRACTED for each in announcements(text))
    whole = Announced(How.BOXED, text.strip(), (text.strip(),))
    found = find(text, rules) if is_announced else rules.boxed(whole) if text.strip() else Unread.NOTHING
    return _reading(Unread.UNREADABLE if found is None else found, rules)


def same(problem: Problem, first: str, second: str) -> bool:
    """Whether two answers have one key."""
    key = GRADERS[problem.grader].rules(problem).key
    return key(first) == key(second) is not None


def find(text: str, rules: Rules) -> str | Unread:
    text = own_words(text)
    for each in announcements(text):
        if each.how is How.RETRACTED:
            return Unread.UNREADABLE
        found = rules.boxed(each) if each.how is How.BOXED else rules.said(each)
        if found is not None:
            return _abstained(each, found) if _stands(found, each.behind, rules) else Unread.IN_DOUBT
    found = rules.alone(text)
    if _ABSTAINED.search(last_paragraph(text)):
        return Unread.ABSTAINED
    return (
        found.strip() or Unread.NOTHING
        if isinstance(found, str) and not isinstance(found, Unread)
        else found or Unread.NOTHING
    )


def _stands(found: str | Unread, behind: str, rules: Rules) -> bool:
    """Nothing behind an answer takes it back, or comes to another without announcing it."""
    if isinstance(found, Unread):
        return True
    if _TAKEN_BACK.search(behind):
        return False
    turns = deque(_GOES_ON.finditer(behind), MOST_TURNS)
    later = [rules.alone(behind[turn.end() :]) for turn in turns]
    return all(each is None or isinstance(each, Unread) or rules.key(each) == rules.key(found) for each in later)


def _abstained(announced: Announced, found: str | Unread) -> str | Unread:
    if announced.how is not How.BOXED and _ABSTAINED.search(announced.text.split("\n", 1)[0]):
        return Unread.ABSTAINED
    return found if isinstance(found, Unread) else found.strip() or Unread.UNREADABLE
