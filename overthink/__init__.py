"""The face of the project: the `overthink` command, the Python API and the embedded stack."""
