"""One trace: its text, its tree, its candidates, and which traces are meant."""
