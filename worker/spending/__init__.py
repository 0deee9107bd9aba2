"""What an attempt is charged, and how the database is told of it."""
