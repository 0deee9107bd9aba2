"""What the `exact` grader is given: words, and letters of options that only the question knows."""

from tests.unit.answer_tables import C, Row, U, W

ROWS: tuple[Row, ...] = (
    ("Paris", "**Answer:** Paris", C, "bold marker"),
    ("Paris", "paris.", C, "case and full stop"),
    ("Paris", "Final Answer:\n\nParis", C, "on its own line"),
    ("Paris", "The answer is **Paris**.", C, "bold in a sentence"),
    ("Paris", r"\boxed{\text{Paris}}", C, "boxed"),
    ("Paris", 'Answer: "Paris"', C, "in quotation marks"),
    ("Paris", "Answer: London", W, "another"),
    ("Paris", "Some thoughts\nin two lines about Paris", U, "nothing announced"),
    ("New York", "Answer: New  York.", C, "spaces"),
    ("Paris", "Answer:", U, "nothing announced"),
    ("Paris", "I am not sure about this one.", U, "abstained"),
    ("B", "Final Answer: (B)", C, "a letter in brackets"),
    ("B", "Answer: B. Paris", C, "letter and text"),
    ("B", r"\boxed{\textbf{(B)}}", C, "boxed"),
    ("B", "The correct answer is **B**.", C, "bold"),
    ("B", "Answer: option B", C, "a title"),
    ("B", "so the answer is (C).", W, "another letter"),
    ("B", "(A) or (B)", U, "two"),
    ("B", "I am not sure about this one.", U, "I is no letter of an option here"),
)
