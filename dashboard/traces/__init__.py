"""The list of traces: what it is filtered by, the counts that filter it, and its rows."""
