r"""What a model said after it had thought: the one text that answers are read from, for every chain and strategy.

A pure function of the branch's text and the thinking format, so that equal ids give equal answers, whoever wrote which
of them and wherever one request ended and the next began. It never gives what stands inside `<think>…</think>`, not
even of a model that is registered as one that does not think.
"""

import re
from collections.abc import Iterable
from functools import lru_cache

from scaling.answers.announced import MARKER
from scaling.types import Phase, Step, ThinkingFormat

_KNOWN_TAGS = (
    ("<think>", "</think>"),
    ("<thinking>", "</thinking>"),
    ("<thought>", "</thought>"),
    ("[THINK]", "[/THINK]"),
    ("<|begin_of_thought|>", "<|end_of_thought|>"),
    ("◁think▷", "◁/think▷"),
)
"""How models are known to mark their thinking, for those that do it although their format does not say so."""

_NEXT_TURN = re.compile(
    r"<\|im_start\|>\s{0,4}(?:user|system|human)|<\|(?:start_header_id|header_start)\|>\s{0,4}(?:user|system)"
    r"|<\|(?:user|User|human)\|>|<｜User｜>|<start_of_turn>\s{0,4}user|\[INST\]"
)
_BOX_OPENING = re.compile(r"[\s$]{0,8}\\(?:boxed|fbox)\s{0,8}\{\s{0,8}\Z")


def answer_text(branch: Iterable[Step], thinking: ThinkingFormat) -> str:
    """What the branch says after its thinking; empty if the thinking never ended."""
    said = "".join(step.text for step in branch if step.phase is not Phase.PROMPT)
    return after_thinking(said, thinking)


def after_thinking(said: str, thinking: ThinkingFormat) -> str:
    """What follows the last end of the thinking, up to the next speaker's turn; empty if there is none.

    Of delimiters with nothing behind them the text before them counts. Of a format without delimiters, all of it.
    """
    ends, starts = _delimiters(thinking)
    thought = ends.search(said)
    if thought is None:
        return "" if not thinking.answers_in_thinking else _outside(_own_turn(said, 0), starts)
    answering = _own_turn(said, thought.start())[thought.start() :]
    pieces = [_outside(piece, starts) for piece in ends.split(answering)[1:]]
    return next((piece.lstrip() for piece in reversed(pieces) if piece.strip()), "")


def asked(text: str, thinking: ThinkingFormat) -> str:
    """`text` from where the answer was asked for last, if that was done in words that no reader knows for a marker.

    A format's `final_answer` may be any words; what follows them is the answer, whoever wrote them.
    """
    words = _BOX_OPENING.sub("", thinking.final_answer).strip()
    if not words or words not in text or MARKER.search(words):
        return text
    return "Final Answer:" + text.rsplit(words, 1)[1]


def _own_turn(said: str, start: int) -> str:
    """Without the turns of others that it made up; `start` is where its own answer begins."""
    turn = _NEXT_TURN.search(said, start)
    return said if turn is None else said[: turn.start()]


def _outside(text: str, starts: re.Pattern[str]) -> str:
    """What stands before the thinking begins again."""
    return starts.split(text, maxsplit=1)[0]


@lru_cache
def _delimiters(thinking: ThinkingFormat) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """What ends the thinking, with the role that follows it (`<|im_start|>answer`), and what begins it."""
    opener, start = thinking.answer_opener.strip(), thinking.start.strip()
    ends, starts = list(thinking.stop), [start] if start else []
    if opener and not any(opener.startswith(stop) for stop in ends):
        ends.append(opener)
    roles = [stop + opener[len(stop) :] for stop in ends if opener.startswith(stop) and opener[len(stop) :].isalpha()]
    if thinking.answers_in_thinking:
        starts += [begin for begin, _ in _KNOWN_TAGS]
        ends += [end for _, end in _KNOWN_TAGS]
    begins = _any_of(starts)
    return re.compile(f"(?!{begins})(?:{_any_of([*roles, *ends])})"), re.compile(begins)


def _any_of(texts: Iterable[str]) -> str:
    longest_first = sorted({text.strip() or text for text in texts}, key=len, reverse=True)
    return "|".join(map(re.escape, longest_first)) or r"(?!)"
