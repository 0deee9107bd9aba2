"""What people read of an experiment in words: its arms' names, and what it found."""
