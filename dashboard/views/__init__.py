"""What an experiment's page can show of its results, one view at a time: one file per view."""
