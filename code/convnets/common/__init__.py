"""What at least three systems use: data location, asset reader, run records, training-loop parts, plots."""
