"""What people noted of an experiment and its traces."""
