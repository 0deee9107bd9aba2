"""The page that compares arms: which, how far apart, on which problems, and two traces beside each other."""
