"""What we study: test-time-scaling strategies, their traces and their statistics. Pure: no I/O, no clock, no globals."""
