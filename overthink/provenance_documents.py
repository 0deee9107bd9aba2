"""What an experiment was made by, as `overthink status EXP --json` prints it: what is missing is "not told"."""

from collections.abc import Sequence

from pydantic import JsonValue

from db.queries import ExperimentDetail, MadeBy, swaps, told


def provenance_document(experiment: ExperimentDetail, states: Sequence[MadeBy]) -> dict[str, JsonValue]:
    """At expansion: code, data, graders, seeds, models and verifiers. Then what made the attempts, in order."""
    return {
        "expansion": told(experiment.provenance),
        "data_set_digest": told(experiment.summary.data_set_digest),
        "models": told(experiment.models),
        "attempts": [
            {
                **{name: told(value) for name, value in state.facts.items()},
                "attempts": state.attempts,
                "first_at": state.first_at.isoformat(),
                "last_at": state.last_at.isoformat(),
            }
            for state in states
        ],
        "swaps": list(swaps(states)),
    }
