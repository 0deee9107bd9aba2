"""The page on which people say, blind, which of two traces is better."""
