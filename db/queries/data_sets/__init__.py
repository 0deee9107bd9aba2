"""Where problems come from: files that people uploaded, and what earlier experiments asked."""

from db.queries.data_sets.asked_before import AskedBefore, asked_before
from db.queries.data_sets.uploads import Upload, uploaded, uploads

__all__ = ["AskedBefore", "Upload", "asked_before", "uploaded", "uploads"]
