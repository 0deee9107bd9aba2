"""Verifiers: models that score solutions, each family described by a format, each kind of format by an adapter."""
