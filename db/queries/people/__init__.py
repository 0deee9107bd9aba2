"""What people said, and what they may be asked next."""
