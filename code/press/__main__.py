"""``python -m press``: the command line without an installed script."""

from press.cli import main

raise SystemExit(main())
