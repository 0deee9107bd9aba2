"""What engines can do, and what is asked of them: a submission that asks an engine for what it cannot do is refused."""

from enum import StrEnum


class Ability(StrEnum):
    """One thing that not every engine can do; `words` say it of one that cannot."""

    TOKEN_IDS = "token_ids"  # ids in, ids out: words can be put into its mouth, and a step can be gone on with
    LOGPROBS = "logprobs"  # log-probs of what it generates
    PROMPT_LOGPROBS = "prompt_logprobs"  # log-probs of what it is asked with
    POOLING = "pooling"  # what a reward model's head makes of a text
    TOP_K = "top_k"  # draws from the k likeliest tokens only
    PRIVATE_CACHE = "private_cache"  # keeps a job's computed prefixes apart from those of others

    @property
    def words(self) -> str:
        return WORDS[self]


WORDS = {
    Ability.TOKEN_IDS: "takes no token ids, so that nothing can be forced or gone on with",
    Ability.LOGPROBS: "tells no log-probs",
    Ability.PROMPT_LOGPROBS: "tells no log-probs of prompts",
    Ability.POOLING: "has no head to score with",
    Ability.TOP_K: "draws from all tokens",
    Ability.PRIVATE_CACHE: "keeps no job's prefixes apart in its cache",
}

NOTHING: frozenset[Ability] = frozenset()
ALL = frozenset(Ability)
