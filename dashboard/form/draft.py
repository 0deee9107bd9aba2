"""The form of a submission as text typed into fields, and the document that it says: the one that YAML says too. Pure.

Checking is the spec's: what is typed goes there as it stands, and what is wrong comes back with its place.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from pydantic import JsonValue

from dashboard.form.fields import OWN_FIELDS, PROMPT_FIELDS, SAMPLING_FIELDS, SEED, FormField, form_fields
from dashboard.form.typed_values import TEXTS, Kind, as_number, fault, read, typed
from scaling.chains import CHAINS
from scaling.spec.data_set import SEVERAL
from scaling.spec.errors import Place, SpecFault
from scaling.strategies import STRATEGIES

Document = dict[str, JsonValue]
Texts = Mapping[str, str]

DATA_SET_COLUMNS = ("question", "answer", "id", "level", "subject")
OPTION_COLUMNS = ("options", "incorrect")
"""Of a choice: names of several columns, typed with commas between them."""


@dataclass(frozen=True, slots=True)
class StrategyDraft:
    """A strategy as typed. Fields left blank are left out. `models`, `sampling`, `prompt` and `seed` are for arms: what
    is blank there is the experiment's."""

    strategy: str
    texts: Texts = field(default_factory=dict)
    chain: "StrategyDraft | None" = None
    models: tuple[str, ...] = ()
    sampling: Texts = field(default_factory=dict)
    prompt: Texts = field(default_factory=dict)
    seed: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """A submission as typed."""

    name: str = ""
    data_set: Texts = field(default_factory=dict)
    models: tuple[str, ...] = ()
    arms: tuple[StrategyDraft, ...] = ()
    sampling: Texts = field(default_factory=dict)
    prompt: Texts = field(default_factory=dict)
    numbers: Texts = field(default_factory=dict)
    """`NUMBERS`."""
    tags: tuple[str, ...] = ()
    notes: str = ""
    kept: Document = field(default_factory=dict)
    """What the form has no fields for, as it was written."""


NUMBERS = ("repeats", "seed", "priority", "token_cap")
FIELDS = ("name", "data_set", "models", "arms", "sampling", "prompt", *NUMBERS, "tags", "notes")


def document(draft: Draft) -> Document:
    """What the form says, for `Submission.from_data`."""
    said: Document = {"name": draft.name, "data_set": data_set_document(draft.data_set)}
    said["models"] = list(draft.models)
    said["arms"] = [strategy_document(arm, STRATEGIES) for arm in draft.arms]
    typed_sampling = [each for each in SAMPLING_FIELDS if _is_typed(draft.sampling, each.name)]
    sampling: Document = {each.name: _one_value(draft.sampling, each) for each in typed_sampling}
    prompt: Document = {each.name: draft.prompt[each.name] for each in PROMPT_FIELDS if draft.prompt.get(each.name)}
    if sampling:
        said["sampling"] = sampling
    if prompt:
        said["prompt"] = prompt
    said |= {name: as_number(draft.numbers[name].strip()) for name in NUMBERS if _is_typed(draft.numbers, name)}
    if draft.tags:
        said["tags"] = list(draft.tags)
    if draft.notes:
        said["notes"] = draft.notes
    return said | draft.kept


def data_set_document(texts: Texts) -> Document:
    numbers: Document = {name: as_number(texts[name].strip()) for name in ("limit", "seed") if _is_typed(texts, name)}
    names: Document = {
        name: texts[name] for name in ("name", "path", "upload", *DATA_SET_COLUMNS, "grader") if texts.get(name)
    }
    columns: Document = {name: named for name in OPTION_COLUMNS if (named := _listed_names(texts.get(name, "")))}
    return names | columns | numbers


def _listed_names(text: str) -> list[JsonValue]:
    return [name.strip() for name in text.split(",") if name.strip()]


def faults(draft: Draft) -> tuple[SpecFault, ...]:
    """What was typed that no document can say: numbers run together, nothing between two commas or bars."""
    found = [each for at, arm in enumerate(draft.arms) for each in _strategy_faults(arm, STRATEGIES, ("arms", at))]
    return tuple(SpecFault(place, said, "form") for place, said in found)


def _strategy_faults(draft: StrategyDraft, known: Mapping[str, type], place: Place) -> Iterator[tuple[Place, str]]:
    fields = form_fields(known[draft.strategy]) if draft.strategy in known else ()
    yield from _text_faults(draft.texts, [each for each in fields if each.kind is not Kind.CHAIN], place)
    for name, texts in (("sampling", draft.sampling), ("prompt", draft.prompt)):
        yield from _text_faults(texts, OWN_FIELDS[name], (*place, name))
    yield from _text_faults({SEED.name: draft.seed}, [SEED], place)
    chains = [each.name for each in fields if each.kind is Kind.CHAIN]
    if chains and draft.chain is not None:
        yield from _strategy_faults(draft.chain, CHAINS, (*place, chains[0]))


def _text_faults(texts: Texts, fields: Iterable[FormField], place: Place) -> Iterator[tuple[Place, str]]:
    for each in fields:
        if _is_typed(texts, each.name) and (found := fault(texts[each.name], each.kind)):
            at, said = found
            yield (*place, each.name, at), said


def _is_typed(texts: Texts, name: str) -> bool:
    """A field of blanks is as one that nothing was typed into."""
    return bool(texts.get(name, "").strip())


def strategy_document(draft: StrategyDraft, known: Mapping[str, type]) -> Document:
    said: Document = {"strategy": draft.strategy}
    if draft.models:
        said["model"] = draft.models[0] if len(draft.models) == 1 else list(draft.models)
    for name, texts in (("sampling", draft.sampling), ("prompt", draft.prompt)):
        typed_in = [each for each in OWN_FIELDS[name] if _is_typed(texts, each.name)]
        own: Document = {each.name: read(texts[each.name], each.kind) for each in typed_in}
        if own:
            said[name] = own
    if draft.seed.strip():
        said[SEED.name] = read(draft.seed, SEED.kind)
    if draft.strategy not in known:
        return said
    for each in form_fields(known[draft.strategy]):
        if each.kind is Kind.CHAIN and draft.chain is not None:
            said[each.name] = strategy_document(draft.chain, CHAINS)
        elif _is_typed(draft.texts, each.name):
            said[each.name] = read(draft.texts[each.name], each.kind)
    return said


def _data_set_text(value: JsonValue) -> str:
    return ", ".join(_strings(value)) if isinstance(value, list) else str(value)


def draft_of(said: Mapping[str, JsonValue]) -> Draft:
    """A document as it would be typed. Raises ValueError where the form has no field for what it says."""
    data_set = said.get("data_set", {})
    if isinstance(data_set, list):
        raise ValueError(SEVERAL)
    named = {"name": data_set} if isinstance(data_set, str) else _mapping(data_set)
    return Draft(
        name=str(said.get("name", "")),
        data_set={name: _data_set_text(value) for name, value in named.items() if value is not None},
        models=_strings(said.get("models")),
        arms=tuple(strategy_draft(_mapping(arm), STRATEGIES) for arm in _listed(said.get("arms"))),
        sampling={name: typed(value, Kind.NUMBER) for name, value in _mapping(said.get("sampling")).items()},
        prompt={name: str(value) for name, value in _mapping(said.get("prompt")).items() if value is not None},
        numbers={name: str(said[name]) for name in NUMBERS if name in said},
        tags=_strings(said.get("tags")),
        notes=str(said.get("notes", "")),
        kept={name: value for name, value in said.items() if name not in FIELDS},
    )


def strategy_draft(said: Mapping[str, JsonValue], known: Mapping[str, type]) -> StrategyDraft:
    name = said.get("strategy")
    if not isinstance(name, str) or name not in known:
        raise ValueError(f"the form knows no strategy {name!r}; edit it as YAML")
    fields = {each.name: each for each in form_fields(known[name])}
    texts, chain, models, seed = {}, None, tuple[str, ...](), ""
    own: dict[str, Texts] = {}
    for key, value in said.items():
        if key == "model":
            models = _strings([value] if isinstance(value, str) else value)
        elif key in OWN_FIELDS and known is STRATEGIES:
            own[key] = _own_texts(_mapping(value), OWN_FIELDS[key])
        elif key == SEED.name and known is STRATEGIES:
            seed = typed(value, SEED.kind)
        elif key in fields and fields[key].kind is Kind.CHAIN:
            chain = strategy_draft(_mapping(value), CHAINS)
        elif key in fields:
            texts[key] = typed(value, fields[key].kind)
        elif key != "strategy":
            raise ValueError(f"the form has no field {key!r} for {name}; edit it as YAML")
    return StrategyDraft(name, texts, chain, models, own.get("sampling", {}), own.get("prompt", {}), seed)


def _own_texts(said: Mapping[str, JsonValue], fields: tuple[FormField, ...]) -> Texts:
    kinds = {each.name: each.kind for each in fields}
    strange = [name for name, value in said.items() if name not in kinds or (value is None and kinds[name] in TEXTS)]
    if strange:
        raise ValueError(f"the form has no way to say {strange[0]}: {said[strange[0]]!r} of an arm; edit it as YAML")
    return {name: typed(value, kinds[name]) for name, value in said.items()}


def _one_value(texts: Texts, each: FormField) -> JsonValue:
    text = texts[each.name]
    return text if each.kind is Kind.TEXT else as_number(text.strip())


def _mapping(value: JsonValue) -> Mapping[str, JsonValue]:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise ValueError(f"expected a mapping, got {value!r}; edit it as YAML")
    return value


def _listed(value: JsonValue) -> list[JsonValue]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise ValueError(f"expected a list, got {value!r}; edit it as YAML")
    return value


def _strings(value: JsonValue) -> tuple[str, ...]:
    return tuple(str(each) for each in _listed(value))
