"""Data sets are read whole or refused with file, line and what was expected."""

import asyncio
import gzip
import io
import json
import math
from hashlib import sha256
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scaling.answers.graders import GRADERS
from scaling.spec import DataSetSpec
from scaling.types import GraderName, Problem, Reading
from worker.datasets import BUILT_IN, DataSetError, load, named, read, references
from worker.datasets.loading import subset
from worker.datasets.of_spec import Source, entry_of
from worker.datasets.options import shuffled
from worker.datasets.preview import MOST_FAULTS, Preview, look
from worker.datasets.sources import DATA_SOURCES
from worker.graders.grading import Grading
from worker.registry import DataSetEntry, Registry


def entry(path: Path, grader: GraderName = GraderName.MATH, question: str = "question") -> DataSetEntry:
    return DataSetEntry(path=path, grader=grader, question=question)


def written(folder: Path, content: bytes, name: str = "data.jsonl") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


@pytest.fixture
def read_ids(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The problems whose references were read."""
    ids: list[str] = []

    class Recording(Grading):
        async def reference(self, problem: Problem) -> Reading:
            ids.append(problem.id)
            return await super().reference(problem)

    monkeypatch.setattr(references, "Grading", Recording)
    return ids


def test_jsonl_becomes_problems_with_the_digest_of_the_file(tmp_path: Path) -> None:
    content = (
        b'{"id": "a", "question": "1+1", "answer": 2, "level": 1}\n\n{"id": "b", "question": "2", "answer": "4"}\n'
    )
    data_set = load(entry(written(tmp_path, content)), data_dir=tmp_path)

    assert data_set.problems == (
        Problem("a", "1+1", "2", GraderName.MATH, level="1"),
        Problem("b", "2", "4", GraderName.MATH),
    )
    assert data_set.digest == sha256(content).hexdigest()


def test_csv_columns_may_be_named_and_ids_default_to_row_numbers(tmp_path: Path) -> None:
    path = written(tmp_path, b'problem,answer\r\n"a, b\nand c?",x\r\nd?,y\r\n', "data.csv")
    data_set = load(entry(Path(path.name), GraderName.EXACT, question="problem"), data_dir=tmp_path)

    assert data_set.problems == (
        Problem("1", "a, b\nand c?", "x", GraderName.EXACT),
        Problem("2", "d?", "y", GraderName.EXACT),
    )


def test_a_column_that_is_named_must_be_there(tmp_path: Path) -> None:
    path = written(tmp_path, b'{"question": "q", "answer": "1", "difficulty": 3}')
    named_right = DataSetEntry(path=path, level="difficulty")
    named_wrong = DataSetEntry(path=path, level="difficult")

    assert load(named_right, data_dir=tmp_path).problems[0].level == "3"
    with pytest.raises(DataSetError, match="no column 'difficult'; did you mean 'difficulty'"):
        load(named_wrong, data_dir=tmp_path)


def test_a_line_separator_inside_a_question_ends_no_line(tmp_path: Path) -> None:
    content = '{"question": "a\u2028b", "answer": "1"}'.encode()

    assert load(entry(written(tmp_path, content)), data_dir=tmp_path).problems[0].question == "a\u2028b"


def test_a_megabyte_on_one_line_is_a_question_like_any_other(tmp_path: Path) -> None:
    question = "x" * 1_000_000
    json_path = written(tmp_path, b'{"question": "%s", "answer": "1"}' % question.encode())
    csv_path = written(tmp_path, b"question,answer\n%s,1\n" % question.encode(), "data.csv")

    for path in (json_path, csv_path):
        assert load(entry(path), data_dir=tmp_path).problems[0].question == question


GOOD = b'{"id": "1", "question": "q", "answer": "1"}\n'


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (GOOD + b'{"id": "2", "question": ', r"data.jsonl:2: not a JSON object .*expected one object per line"),
        (GOOD + b"[1, 2]", r"data.jsonl:2: a JSON list; expected one object per line"),
        (
            GOOD + b'{"id": "2", "qestion": "q", "answer": "1"}',
            r"data.jsonl:2: no column 'question'; did you mean",
        ),
        (GOOD + GOOD, r"data.jsonl:2: id '1' was used before, at .*data.jsonl:1"),
        (
            GOOD + b'{"id": "%s", "question": "q", "answer": "1"}' % (b"2" * 501),
            r"data.jsonl:2: an id of 501 characters; at most 500 are read",
        ),
        (GOOD + b'{"id": "2", "question": "\xff", "answer": "1"}', r"data.jsonl:2: byte 25 is not UTF-8"),
        (GOOD + b'{"id": "2", "question": " ", "answer": "1"}', r"data.jsonl:2: question is empty"),
        (GOOD + b'{"id": "2", "question": "q", "answer": null}', r"data.jsonl:2: answer is a JSON NoneType"),
        (GOOD + b'{"id": "2", "question": "\\u0000", "answer": "1"}', r"data.jsonl:2: question holds a NUL"),
        (GOOD + b'{"id": "2", "question": "\\ud800", "answer": "1"}', r"data.jsonl:2: question holds a NUL or half"),
        (b"\n\n", r"data.jsonl: no rows"),
        (GOOD + b'{"question": "q", "answer": -Infinity}', r"data.jsonl:2: .*-Infinity is no number of JSON"),
        (GOOD + b'{"question": "q", "answer": NaN}', r"data.jsonl:2: .*NaN is no number of JSON"),
        (GOOD + b'{"question": "q", "answer": ' + b"7" * 6000 + b"}", r"data.jsonl:2: .*a number of 6,000 characters"),
        (GOOD + b'{"question": "q", "answer": 0.' + b"7" * 6000 + b"}", r"data.jsonl:2: .*of 6,002 characters"),
        (GOOD + b'{"question": "q", "answer": ' + b"[" * 60_000, r"data.jsonl:2: not a JSON object \(.*recursion"),
        (GOOD + b'{"question": "q", "answer": ' + b'{"a":' * 60_000, r"data.jsonl:2: not a JSON object"),
        (GOOD + b'{"question": "a", "question": "b", "answer": "1"}', r"data.jsonl:2: .*'question' is given twice"),
        (GOOD + b'{"question": "q", "answer": {"x": 1, "x": 2}}', r"data.jsonl:2: .*'x' is given twice"),
        (GOOD + b'{"question": "q", "answer": [1]}', r"data.jsonl:2: answer is a JSON list; expected text or a num"),
        (GOOD + b'{"question": "q", "answer": true}', r"data.jsonl:2: answer is a JSON bool"),
        (GOOD + b"17", r"data.jsonl:2: a JSON number; expected one object per line"),
    ],
)
def test_what_is_malformed_is_refused_with_its_line(tmp_path: Path, content: bytes, message: str) -> None:
    with pytest.raises(DataSetError, match=message):
        load(entry(written(tmp_path, content)), data_dir=tmp_path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"question,answer\na,1\nb,2,3\n", r"data.csv:3: the row has not as many fields as the header \(3, expected 2"),
        (b"question,answer\na,1\nb\n", r"data.csv:3: the row has not as many fields as the header \(1, expected 2"),
        (b'question,answer\n"a\nb\nc",1\n"d\ne",2,3\n', r"data.csv:5: the row has not as many"),
        (b'question,answer\n"a\nb",1\n\n"c"d,2\ne,3\n', r"data.csv:5: malformed CSV in the row that begins here"),
        (b'question,answer\na,1\n"b,2\nc,3\nd,4\n', r"data.csv:3: malformed CSV in the row that begins here"),
        (b"question,answer,question\na,1,b\n", r"data.csv:1: two columns are called 'question'; rename one"),
        (b"\nquestion,answer,answer\na,1,b\n", r"data.csv:2: two columns are called 'answer'"),
        (b'question,answer\n"a\nb",\n', r"data.csv:2: answer is empty"),
        (b"question,answer\n", r"data.csv: no rows"),
    ],
)
def test_malformed_csv_is_refused_with_the_line_on_which_its_row_begins(
    tmp_path: Path, content: bytes, message: str
) -> None:
    with pytest.raises(DataSetError, match=message):
        load(entry(written(tmp_path, content, "data.csv")), data_dir=tmp_path)


@pytest.mark.parametrize("number", ["0.00001", "1e-05", "3.0", "-0", "1e400", "12345678901234567890", "0.1000"])
def test_a_number_stays_as_it_is_spelled(tmp_path: Path, number: str) -> None:
    path = written(tmp_path, b'{"id": %s, "question": "q", "answer": %s}' % (number.encode(), number.encode()))

    (problem,) = load(entry(path, GraderName.EXACT), data_dir=tmp_path).problems

    assert (problem.id, problem.answer) == (number, number)


TABLE = {"question": ["1+1", "a,\tb"], "answer": ["2", "3"], "level": ["1", "2"]}
PROBLEMS = (Problem("1", "1+1", "2", GraderName.MATH, "1"), Problem("2", "a,\tb", "3", GraderName.MATH, "2"))
JSONL = b'{"question": "1+1", "answer": 2, "level": 1}\n{"question": "a,\\tb", "answer": 3, "level": 2}\n'
CSV = b'question,answer,level\n1+1,2,1\n"a,\tb",3,2\n'
TSV = b'question\tanswer\tlevel\n1+1\t2\t1\n"a,\tb"\t3\t2\n'


def parquet(columns: dict[str, list[object]]) -> bytes:
    sink = io.BytesIO()
    pq.write_table(pa.table(columns), sink)
    return sink.getvalue()


@pytest.mark.parametrize("is_packed", [False, True], ids=["plain", "gzipped"])
@pytest.mark.parametrize("suffix", DATA_SOURCES)
def test_every_source_gives_the_same_problems(tmp_path: Path, suffix: str, is_packed: bool) -> None:
    """A new source brings the same table here."""
    content = {".jsonl": JSONL, ".csv": CSV, ".tsv": TSV, ".parquet": parquet({**TABLE})}[suffix]
    name, stored = f"data{suffix}", content
    if is_packed:
        name, stored = f"{name}.gz", gzip.compress(content)
    data_set = load(entry(written(tmp_path, stored, name)), data_dir=tmp_path)

    assert data_set.problems == PROBLEMS
    assert data_set.digest == sha256(stored).hexdigest()  # of the file, as it lies there


def test_a_missing_file_is_told_which_kinds_there_are(tmp_path: Path) -> None:
    expected = r"nowhere.jsonl: No such file or directory. Expected a .jsonl, .csv, .tsv or .parquet file"
    with pytest.raises(DataSetError, match=expected):
        load(entry(tmp_path / "nowhere.jsonl"), data_dir=tmp_path)


def test_numbers_of_a_parquet_file_are_written_out(tmp_path: Path) -> None:
    columns = {"question": ["q"] * 3, "answer": [0.00001, 3.0, 1e21]}
    path = written(tmp_path, parquet({**columns}), "data.parquet")

    answers = [problem.answer for problem in load(entry(path), data_dir=tmp_path).problems]

    assert answers == ["0.00001", "3.0", "1000000000000000000000"]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("d.parquet", parquet({"question": ["q", "r"], "answer": [1.0, math.nan]}), "d.parquet, row 2: answer is nan"),
        ("d.parquet", parquet({"question": ["q", "r"], "answer": ["1", None]}), "d.parquet, row 2: answer is a"),
        ("d.parquet", parquet({"question": ["q"], "answer": [["1"]]}), "d.parquet, row 1: answer is a JSON list"),
        ("d.parquet", b"PAR1 and no more", "d.parquet: not a Parquet file that can be read"),
        ("d.parquet", b"", "d.parquet: not a Parquet file that can be read"),
        ("d.jsonl.gz", b"no gzip", "d.jsonl.gz: not a whole gzip file"),
        ("d.jsonl.gz", gzip.compress(JSONL, mtime=0)[:-9], "d.jsonl.gz: not a whole gzip file"),
        ("d.csv.gz", gzip.compress(CSV + b"x\n", mtime=0), "d.csv.gz:4: the row has not as many fields"),
    ],
)
def test_a_packed_or_binary_file_that_is_malformed_is_refused_with_its_place(
    tmp_path: Path, name: str, content: bytes, message: str
) -> None:
    with pytest.raises(DataSetError, match=message):
        load(entry(written(tmp_path, content, name)), data_dir=tmp_path)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataSetError, match=r"nowhere.jsonl: No such file.*OVERTHINK_DATA_DIR"):
        load(entry(Path("nowhere.jsonl")), data_dir=tmp_path)


def test_the_integer_grader_wants_integers_for_reference(tmp_path: Path) -> None:
    path = written(tmp_path, b'{"question": "q", "answer": "one half"}')

    with pytest.raises(DataSetError, match=r"answer 'one half' is none that the grader 'integer' can read"):
        load(entry(path, GraderName.INTEGER), data_dir=tmp_path)


def test_samples_keep_file_order_and_smaller_ones_lie_within_larger_ones() -> None:
    problems = [Problem(str(number), "q", "1", GraderName.INTEGER) for number in range(50)]

    ten, twenty = subset(problems, 10, seed=3), subset(problems, 20, seed=3)

    assert [int(problem.id) for problem in ten] == sorted(int(problem.id) for problem in ten)
    assert set(ten) < set(twenty)
    assert ten != subset(problems, 10, seed=4)
    assert subset(problems, None, seed=3) == subset(problems, 50, seed=3) == tuple(problems)


def test_the_ladder_test_set_comes_with_overthink() -> None:
    ladder = load(named("ladder-test", Registry()), data_dir=Path("/"))

    assert len(ladder.problems) >= 100
    assert {problem.level for problem in ladder.problems} == {"1", "2", "3", "4", "5"}


def test_a_registered_name_stands_for_its_file_and_an_unknown_one_is_told_the_nearest() -> None:
    aime = DataSetEntry(path=Path("/data/aime.jsonl"))
    registry = Registry(data_sets={"my-aime": aime})

    assert named("my-aime", registry) == aime
    assert named("ladder-test", registry) == BUILT_IN["ladder-test"]
    with pytest.raises(DataSetError, match="did you mean 'my-aime'"):
        named("my-amie", registry)


@pytest.mark.parametrize(
    ("grader", "answer"),
    [
        (GraderName.INTEGER, "?"),
        (GraderName.INTEGER, "between 3 and 5"),
        (GraderName.INTEGER, r"\boxed{}"),
        (GraderName.MATH, "?"),
        (GraderName.MATH, r"\boxed{}"),
        (GraderName.MATH, r"\boxed{} or \boxed{}"),
        (GraderName.MATH, r"\frac{1}{"),
        (GraderName.CHOICE, "neither"),
    ],
)
def test_a_reference_that_its_grader_cannot_read_is_refused_with_its_line(
    tmp_path: Path, grader: GraderName, answer: str
) -> None:
    row = json.dumps({"question": "q", "answer": answer}).encode()
    good = json.dumps({"question": "q", "answer": "A" if grader is GraderName.CHOICE else "7"}).encode()
    path = written(tmp_path, good + b"\n" + row)

    with pytest.raises(DataSetError, match=rf"data.jsonl:2: answer .* is none that the grader '{grader}' can read"):
        load(entry(path, grader), data_dir=tmp_path)


def test_numbers_in_digits_are_read_alike_so_that_one_is_read_for_all_of_them(
    read_ids: list[str],
) -> None:
    answers = ["7", "-36", "007", "7 apples", "1,234", "9" * 18, "9" * 19]
    problems = [Problem(answer, "How many?", answer, GraderName.INTEGER) for answer in answers]
    assert references.first_unreadable(problems) is None
    assert read_ids == ["7", "7 apples", "1,234", "9" * 19]


@given(st.from_regex(GRADERS[GraderName.INTEGER].plain, fullmatch=True, alphabet=st.characters(codec="ascii")))
def test_whatever_number_stands_there_in_digits_its_grader_reads_it(answer: str) -> None:
    read = asyncio.run(Grading().reference(Problem("p", "?", answer, GraderName.INTEGER)))
    assert read.answer is not None and int(read.key or "") == int(answer)


def test_a_reference_that_many_problems_share_is_read_once_and_again_where_the_options_differ(
    read_ids: list[str],
) -> None:
    """The text of the one option is a reference to it, and none where others are listed."""
    asked = [("a", ("red", "blue")), ("b", ("red", "blue")), ("c", ("green", "white")), ("d", ("green", "white"))]
    problems = [Problem(name, "Which?", "red", GraderName.CHOICE, options=options) for name, options in asked]
    found = references.first_unreadable(problems)
    assert found is not None and found[0].id == "c"
    assert read_ids == ["a", "c"]


GPQA = b"""Question,Correct Answer,Incorrect Answer 1,Incorrect Answer 2,Incorrect Answer 3
Which fungus?,C. auris,C. albicans,C. glabrata,C. krusei
Which gas?,O2,N2,CO2,H2
"""


def test_correct_and_incorrect_columns_become_lettered_options_in_an_order_of_the_problems_own(tmp_path: Path) -> None:
    asked = DataSetEntry(
        path=written(tmp_path, GPQA, "gpqa.csv"), question="Question", answer="Correct Answer", grader=GraderName.CHOICE
    )
    first, second = load(asked, data_dir=tmp_path).problems

    assert sorted(first.options) == ["C. albicans", "C. auris", "C. glabrata", "C. krusei"]
    assert first.options["ABCD".index(first.answer)] == "C. auris"
    assert second.options["ABCD".index(second.answer)] == "O2"
    assert first.question == "Which fungus?\n\n" + "\n".join(
        f"{letter}) {option}" for letter, option in zip("ABCD", first.options, strict=True)
    )
    assert load(asked, data_dir=tmp_path, limit=1, seed=3).problems[0].options in (first.options, second.options)


def test_the_right_option_stands_everywhere_as_often() -> None:
    """4,000 ids, four places: 1,000 each, ± 27 (one standard error)."""
    places = [shuffled("right", ["a", "b", "c"], f"p{number}").index("right") for number in range(4000)]
    assert all(abs(places.count(place) - 1000) < 140 for place in range(4))


def test_options_that_are_lettered_keep_their_order(tmp_path: Path) -> None:
    path = written(tmp_path, b"question,answer,A,B\nwhich?,B,red,green\nwhat?,red,red,green\n", "mmlu.csv")
    asked = DataSetEntry(path=path, options=("A", "B"), grader=GraderName.CHOICE)
    problems = load(asked, data_dir=tmp_path).problems

    assert [problem.options for problem in problems] == [("red", "green")] * 2
    assert problems[0].question == "which?\n\nA) red\nB) green"


def test_two_equal_options_are_refused(tmp_path: Path) -> None:
    path = written(tmp_path, b"question,answer,A,B\nwhich?,B,red,red\n", "mmlu.csv")
    with pytest.raises(DataSetError, match=r"mmlu.csv:2: two options are 'red'"):
        load(DataSetEntry(path=path, options=("A", "B"), grader=GraderName.CHOICE), data_dir=tmp_path)


def looked_at(content: bytes, name: str = "mine.csv", most: int = 10, **said: object) -> Preview:
    source = DataSetSpec.model_validate({"path": name, "grader": "integer", **said})
    return look(Source(Path(name), content, entry_of(source, Registry())), source, most)


def test_a_look_shows_the_first_that_would_be_asked_and_how_many_there_are() -> None:
    rows = b"question,answer,level\n" + b"".join(b"%d+1,%d,easy\n" % (i, i + 1) for i in range(30))
    shown = looked_at(rows, limit=20, seed=3)
    assert (shown.asked, shown.rows, shown.columns, shown.faults) == (20, 30, ("question", "answer", "level"), ())
    asked = read(Path("mine.csv"), rows, entry(Path("mine.csv"), GraderName.INTEGER), limit=20, seed=3).problems
    assert shown.problems == asked[:10] and shown.problems[0].level == "easy"


def test_a_look_tells_all_that_is_wrong_by_line_and_shows_the_rest() -> None:
    """A worker stops at the first: whoever mends a file wants all of them."""
    shown = looked_at(b"question,answer\n1+1,2\n,3\n2+2,\n3+3,6\n")
    assert shown.faults == ("mine.csv:3: question is empty", "mine.csv:4: answer is empty")
    assert [problem.question for problem in shown.problems] == ["1+1", "3+3"]


def test_a_look_ends_at_what_is_malformed_and_says_why_a_reference_cannot_be_read() -> None:
    torn = looked_at(b'{"question": "1+1", "answer": "2"}\n{"question": \n', "mine.jsonl")
    assert len(torn.problems) == 1 and torn.faults[0].startswith("mine.jsonl:2: not a JSON object")
    [unread] = looked_at(b"question,answer\n1+1,two\n").faults
    assert unread.startswith("mine.csv:2: answer 'two' is none that the grader 'integer' can read")
    assert looked_at(b"").faults == ("mine.csv: no rows; expected at least one question with its answer",)
    assert "no column 'question'; did you mean 'questions'" in looked_at(b"questions,answer\n1,1\n").faults[0]


def test_a_look_counts_more_faults_than_it_tells() -> None:
    shown = looked_at(b"question,answer\n" + b"1+1,\n" * 1000)
    assert len(shown.faults) == MOST_FAULTS and shown.num_faults == 1000


@pytest.mark.parametrize(
    ("content", "name", "parted_by"),
    [(b"question;answer\n1+1;2\n2+2;4\n", "mine.csv", "a comma"), (b"question,answer\n1+1,2\n", "mine.tsv", "a tab")],
)
def test_a_file_whose_columns_are_parted_by_something_else_is_told_once(
    content: bytes, name: str, parted_by: str
) -> None:
    [said] = looked_at(content, name).faults
    assert said.startswith(f"{name}:1: one column only, 'question") and said.endswith(f"parted by {parted_by}")
