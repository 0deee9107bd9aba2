"""What is there and what was found, for people and for machines: what `status`, `watch`, `results`, `compare` and
`difficulty` print."""
