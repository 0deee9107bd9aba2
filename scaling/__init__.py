"""What we study: test-time-scaling strategies, their traces, their statistics. Pure: no I/O, no clock."""
