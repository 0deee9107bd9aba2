"""Scans: a worker looks through the traces of an experiment, a slice at a time, beside the jobs that it runs."""
