"""What Waits make of a model: an answer before the Wait, another after it, none at the end. The grader comes first."""

from scaling.types import GraderName, Verdict
from tests.unit.answer_tables import C, U, W

INTEGER, MATH, CHOICE = GraderName.INTEGER, GraderName.MATH, GraderName.CHOICE

ROWS: tuple[tuple[GraderName, str, str, Verdict, str], ...] = (
    (INTEGER, "4", "2+3=5, so \\boxed{5}.Wait, 5-1=4. \\boxed{4}", C, "boxed anew"),
    (INTEGER, "5", "2+3=5, so \\boxed{5}.Wait, 5-1=4. \\boxed{4}", W, "the first box is not it"),
    (INTEGER, "4", "The answer is 5.Wait, let me check. 5-1=4. The answer is 4.", C, "said anew"),
    (INTEGER, "4", "The answer is 4.Wait, let me check. 2+3=5, 5-1=4, yes.", C, "only checked after the Wait"),
    (INTEGER, "4", "\\boxed{4}Wait, I think that is right.", C, "nothing new after the Wait"),
    (INTEGER, "4", "\\boxed{4}Wait, is it 5? No.", C, "a question after the Wait"),
    (
        INTEGER,
        "4",
        "\\boxed{4}Wait, no, that is wrong. Let me think again about the 7 apples",
        C,
        "thinking was cut after the Wait",
    ),
    (INTEGER, "4", "\\boxed{4}Wait, this answer is wrong.", U, "taken back"),
    (INTEGER, "4", "It is 4.Wait", C, "a Wait and nothing else"),
    (INTEGER, "4", "\\boxed{5}Wait, 5-1=4\nFinal Answer: 4", C, "asked for at the end"),
    (INTEGER, "5", "\\boxed{5}Wait, 5-1=4\nFinal Answer: 4", W, "and that counts"),
    (INTEGER, "4", "\\boxed{5}Wait, 5-1=\nFinal Answer:", U, "asked for at the end and not given"),
    (INTEGER, "4", "\\boxed{5}Wait, hmm\nFinal Answer: I do not know", U, "asked for at the end and abstained"),
    (INTEGER, "4", "Answer: 5\nWait, I forgot the minus.\nAnswer: 4", C, "two markers"),
    (INTEGER, "4", "The answer is \\boxed{4}.Wait, the answer is 4, as before.", C, "the same again"),
    (INTEGER, "4", "So 4.Wait, 4 times 2 is 8, and half of 8 is 4.", C, "the last number"),
    (MATH, r"\frac{1}{2}", r"\boxed{\frac12}Wait, let me verify: $\frac{2}{4} = \frac12$. Yes.", C, "checked"),
    (MATH, r"\frac{1}{2}", r"\boxed{2}Wait, I inverted it. So it is $\boxed{\frac12}$.", C, "boxed anew"),
    (MATH, "2", r"\boxed{2}Wait, I inverted it. So it is $\boxed{\frac12}$.", W, "boxed anew"),
    (MATH, "7", r"\boxed{5}Wait, the final answer is 7.", C, "said behind the box"),
    (MATH, "5", r"\boxed{5}Wait, the final answer is 7.", W, "said behind the box"),
    (MATH, "5", r"The answer is 7.Wait, I made a mistake: \boxed{5}", C, "boxed behind what was said"),
    (MATH, "5", "\\boxed{5}Wait, let me recompute the sum of the first", C, "cut while thinking on"),
    (MATH, "6", r"x = 5 so \boxed{5}Wait, Wait, Wait, x + 1 = 6\nFinal Answer: $6$", C, "several Waits"),
    (CHOICE, "B", "The answer is A.Wait, green is asked for. The answer is B.", C, "a letter, then another"),
    (CHOICE, "A", "The answer is A.Wait, green is asked for. The answer is B.", W, "a letter, then another"),
    (CHOICE, "A", "\\boxed{A}Wait, let me consider B as well. B is green.", C, "another is only considered"),
    (CHOICE, "B", "\\boxed{A}Wait, hmm\nFinal Answer: C. auris", C, "asked for, by its text"),
    (CHOICE, "A", "I think (A).Wait, or (B).", U, "two"),
)
