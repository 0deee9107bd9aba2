"""Every judgement of a pair, as it was made."""
