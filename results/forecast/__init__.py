"""What is to be expected of an experiment before it runs, and while it does."""
