"""Fields that choose arms: they show names, while the address has labels, and is what they follow.

Streamlit's own binding would put names there, and what an arm is named changes with the arms beside it.
"""

import streamlit as st

from results import ArmNames


def one(
    label: str,
    names: ArmNames,
    parameter: str,
    otherwise: str | None = None,
    help: str | None = None,
    placeholder: str = "any",
) -> str | None:
    """The arm that the address names; else `otherwise`. None is what the placeholder says."""
    named = st.query_params.get(parameter)
    st.session_state[parameter] = chosen = named if named in names else otherwise
    st.selectbox(
        label, list(names), None if otherwise is None else 0, lambda each: names[each], key=parameter, help=help,
        placeholder=placeholder, on_change=_addressed, args=(parameter, otherwise),
    )  # fmt: skip
    return chosen


def several(label: str, names: ArmNames, parameter: str, placeholder: str, *, is_labelled: bool = True) -> list[str]:
    """Those that the address names, if any."""
    named = st.query_params.get_all(parameter)
    st.session_state[parameter] = chosen = [each for each in names if each in named]
    st.multiselect(
        label, list(names), format_func=lambda each: names[each], key=parameter, placeholder=placeholder,
        label_visibility="visible" if is_labelled else "collapsed", on_change=_addressed, args=(parameter, None),
    )  # fmt: skip
    return chosen


def _addressed(parameter: str, otherwise: str | None) -> None:
    chosen = st.session_state[parameter]
    if chosen and chosen != otherwise:
        st.query_params[parameter] = chosen
    else:
        st.query_params.pop(parameter, None)
