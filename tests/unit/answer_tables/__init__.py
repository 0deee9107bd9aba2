"""Answers as models write them, with the verdict that a careful reader gives: (reference, text, verdict, why).

Collected from what instruct and reasoning models are used to write (Qwen2.5, DeepSeek-R1 and its kin, s1, Llama, GPT
and base models with few shots) and from references as MATH-500, GSM8K, AIME and GPQA have them. `text` is what stands
after the thinking. C: correct. W: wrong. U: unparsed, which is right where nobody could tell.
"""

from scaling.types import Verdict

C, W, U = Verdict.CORRECT, Verdict.WRONG, Verdict.UNPARSED

Row = tuple[str, str, Verdict, str]
"""Reference, text, verdict, why."""
