"""What scans found, arm by arm; see `findings` for traces."""
