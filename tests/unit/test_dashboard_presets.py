"""What the form starts with when an experiment is to be done alike."""

from dashboard.form.presets import alike
from scaling.spec import Submission, yaml12

TEXT = """\
name: demo  # with its comments
data_set: {name: ladder-test, limit: 120}
models: [ladder-tiny]
arms:
  - strategy: chain_of_thought
"""


def test_an_experiment_is_done_alike_from_the_text_that_was_handed_in() -> None:
    spec = Submission.from_yaml(TEXT)
    assert alike(TEXT, spec.scientific, spec.digest) == TEXT


def test_an_experiment_of_an_earlier_default_is_done_alike_with_the_default_of_its_day() -> None:
    """Answers were limited to 512 tokens unless the text said otherwise: today the text says another experiment."""
    earlier = Submission.from_yaml(TEXT + "sampling: {max_answer_tokens: 512}\n")
    text = alike(TEXT, earlier.scientific, earlier.digest)
    assert Submission.from_yaml(text).digest == earlier.digest
    assert yaml12.load(text)["sampling"]["max_answer_tokens"] == 512


def test_what_was_overridden_on_the_command_line_is_not_lost() -> None:
    overridden = Submission.from_yaml(TEXT).with_overrides(["data_set.limit=5"])
    text = alike(TEXT, overridden.scientific, overridden.digest)
    assert Submission.from_yaml(text).data_set.limit == 5
