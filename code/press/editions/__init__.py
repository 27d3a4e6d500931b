"""The languages of the book: catalogues of translations, and what Sphinx's gettext misses."""
