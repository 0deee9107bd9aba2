"""What a scan found, trace by trace."""
