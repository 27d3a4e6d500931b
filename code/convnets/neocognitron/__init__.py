"""The neocognitron, 1980 and 2003: layers of S- and C-cells that learn without an error (``book/neocognitron.md``)."""
