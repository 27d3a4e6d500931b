"""The one exception that readers and users of the command line see."""

from __future__ import annotations


class ConvnetsError(Exception):
    """Something the user can mend; its text is one sentence that names the value and the remedy."""
