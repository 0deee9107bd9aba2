"""The page of scans: what to look for, scans and how far they are, and what one of them found."""
