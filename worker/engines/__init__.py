"""Adapters that implement `scaling.protocols.Engine` over a model server."""
