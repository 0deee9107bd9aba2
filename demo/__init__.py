"""The embedded default: the ladder data set, the recipe of the tiny model, and the model itself."""
