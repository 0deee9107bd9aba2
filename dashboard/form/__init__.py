"""The form of a submission: what it says, what it shows, and what it starts from."""
