"""The commands: each a signature with its help here, and its work in the modules beside.

They stay light: what is heavy is imported when a command runs.
"""
