"""The queue page: models and verifiers, workers, and who stands where in the line."""
