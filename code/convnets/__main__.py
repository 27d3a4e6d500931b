"""``python -m convnets``: the command line without an installed script."""

from convnets.cli import main

raise SystemExit(main())
