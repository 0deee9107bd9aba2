"""Arms named by what differs among them: `2 Waits`, `cut at 8`, `vote of 16`. For people; machines keep labels.

A strategy says its own words (`Strategy.short_name`, `details`). A setting that all arms of one short name share goes
unsaid, and so does one that nobody changed. Samplings, prompts, seeds and experiments are named if arms differ in them,
and so are models but for the one that most arms ask. A name is unique among the arms given, and never longer than the
label: else it is the label.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from db.queries import Arm
from results.measured.costs import strategy_of
from scaling.spec.arms import flat_params
from scaling.spelling import shortened, spelled

MOST_CHARACTERS = 24
"""Of a value: an instruction may be pages long."""
ASKED = ("sampling.", "prompt.", "seed", "experiment")
"""What an arm asks with, and where it is at home: no setting of its strategy."""

ArmNames = Mapping[str, str]
"""By label, which is unique too."""


def arm_names(arms: Sequence[Arm]) -> ArmNames:
    """The same arms have the same names, whatever else is told of them."""
    heads = [strategy_of(arm).short_name or arm.strategy for arm in arms]
    parting = {
        head: _differing([arm for arm, its in zip(arms, heads, strict=True) if its == head])
        for head in dict.fromkeys(heads)
    }
    asked = [name for name in _differing(arms) if name.startswith(ASKED)]
    usual = usual_model(arms)
    names = {
        arm.label: " · ".join([", ".join([head, *_details(arm, parting[head])]), *_asked(arm, asked, usual)])
        for arm, head in zip(arms, heads, strict=True)
    }
    return _unique({label: name if len(name) <= len(label) else label for label, name in names.items()})


def named(text: str, names: ArmNames) -> str:
    """The text with every label that stands in it by itself under its name."""
    if not names:
        return text
    labels = "|".join(re.escape(each) for each in sorted(names, key=len, reverse=True))
    return re.sub(rf"(?<![\w=])(?:{labels})(?![\w=])", lambda found: names[found[0]], text)


def pair_name(first: Arm, second: Arm, names: ArmNames) -> str:
    return f"{names[first.label]} → {names[second.label]}"


def usual_model(arms: Sequence[Arm]) -> str | None:
    """The one that more than half of the arms ask, which names leave out; None: no model is."""
    counts = Counter(arm.model for arm in arms).most_common(1)
    return next((model for model, count in counts if 2 * count > len(arms)), None)


def _differing(arms: Sequence[Arm]) -> list[str]:
    """Parameters that not all of them have, or have alike."""
    names = dict.fromkeys(name for arm in arms for name in arm.params)
    return [name for name in names if len({repr(arm.params.get(name)) for arm in arms}) > 1]


def _details(arm: Arm, names: Sequence[str]) -> Iterator[str]:
    """Its settings of these names; of a strategy that is not known here, as they are stored."""
    strategy = strategy_of(arm)
    details, known = strategy.details, flat_params(strategy)
    for name in filter(arm.params.__contains__, names):
        if name in details:
            yield details[name].format(_value(arm, name))
        elif name not in known and not name.startswith(ASKED):
            yield f"{name}={_value(arm, name)}"


def _asked(arm: Arm, names: Sequence[str], usual: str | None) -> Iterator[str]:
    for name in filter(arm.params.__contains__, names):
        value = _value(arm, name)
        yield value if name == "experiment" else f"{name.rpartition('.')[2]} {value}"
    if arm.model != usual:
        yield arm.model


def _value(arm: Arm, name: str) -> str:
    return shortened(spelled(arm.params[name]), MOST_CHARACTERS)


def _unique(names: Mapping[str, str]) -> ArmNames:
    """Those that several share are labels; that may take the name from another, until nothing is shared."""
    counts = Counter(names.values())
    unique = {label: name if counts[name] == 1 else label for label, name in names.items()}
    return unique if unique == names else _unique(unique)
