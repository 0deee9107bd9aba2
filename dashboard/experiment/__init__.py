"""The parts of an experiment's page that are not its results: its header, its tabs, what failed, what it is made of."""
