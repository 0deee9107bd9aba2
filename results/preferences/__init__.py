"""Which answers people prefer, told blind."""
