"""The statistics: arrays in, estimates with honest intervals out. They know no database and draw nothing."""
