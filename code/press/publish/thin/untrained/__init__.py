"""A thin system without a network: bars on noisy paper (chapter ``book/thin.md``)."""
