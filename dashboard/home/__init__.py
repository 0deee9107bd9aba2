"""The list of experiments: what needs somebody, what goes on, and all there are."""
