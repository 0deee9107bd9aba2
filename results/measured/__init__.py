"""What answers are made of: experiments' measurements, what jobs cost, points and curves. Nothing here is laid out."""
