"""What a reader of one trace, or of one problem, is shown: its nodes, its texts in pieces, and who else was asked."""
