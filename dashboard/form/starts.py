"""What a new experiment starts from: a preset, another experiment, or nothing. The address says which."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

import streamlit as st

from dashboard import data
from dashboard import page as frame
from dashboard.address import Page, here
from dashboard.form import written
from dashboard.form.presets import BLANK, Preset, alike, presets
from db.queries import ExperimentFilter
from scaling.spec import ExperimentSpec, Submission, yaml12
from scaling.spec.errors import SpecError

Option = TypeVar("Option", str, int)


@dataclass(frozen=True, slots=True)
class Start:
    """`original` is what the text said at first; None: nothing that could be run."""

    name: str
    text: str
    about: str = ""
    original: ExperimentSpec | None = None


def chosen() -> Start:
    """As the address says; a preset that is not there is none."""
    preset = next((each for each in presets() if each.name == st.query_params.get("preset")), None)
    if preset is not None:
        return Start(f"preset {preset.name}", preset.text, preset.about, _read(preset.text))
    like = frame.number_in_url("like")
    if like is None:
        return Start("blank", _blank())
    detail = data.experiment(like)
    text = alike(detail.spec_yaml, detail.spec, detail.summary.digest)
    return Start(f"experiment {like}", text, "", _read(text))


def choices_drawn() -> str | None:
    """Where another choice is: another address."""
    offered = {preset.name: preset for preset in presets()}
    preset, like = st.query_params.get("preset"), frame.number_in_url("like")
    now = preset if preset in offered else None
    wanted = _choice("Start from", "a blank form", list(offered), now, _titles(offered))
    names = _experiments(like)
    wanted_id = _choice("or clone", "an experiment", list(names), None if now else like, names)
    if wanted != now:
        return here(Page.SUBMIT, preset=wanted, like=None)
    if wanted_id is not None and (wanted_id != like or now):
        return here(Page.SUBMIT, preset=None, like=wanted_id)
    return None


def _choice(
    label: str, nothing: str, options: list[Option], now: Option | None, titles: Mapping[Option, str]
) -> Option | None:
    return st.selectbox(
        label,
        options,
        index=None if now is None else options.index(now),
        key=written.key(f"start {label}"),
        format_func=lambda option: titles[option],
        placeholder=nothing,
        width=280,
    )


def _titles(offered: Mapping[str, Preset]) -> dict[str, str]:
    return {name: name for name in offered}


def _experiments(like: int | None) -> dict[int, str]:
    """The newest first; the one that is cloned among them, however old."""
    found = {each.id: f"#{each.id} {each.name}" for each in data.experiments(ExperimentFilter())}
    if like is not None and like not in found:
        found[like] = f"#{like} {data.experiment(like).summary.name}"
    return found


def _blank() -> str:
    """On the first of the models that are served, if any are."""
    served = list(data.standing().fleet.served[:1])
    return BLANK.replace("models: []", f"models: {yaml12.dump(served, is_flow=True).strip()}")


def _read(text: str) -> ExperimentSpec | None:
    try:
        return Submission.from_yaml(text)
    except SpecError:
        return None
