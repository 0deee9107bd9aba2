"""What many jobs of a worker ask of the database at the same moment, asked once for all of them."""
