"""What a worker tells of itself for people to look at: its code, its servers and its GPUs. Nothing is decided by it."""
