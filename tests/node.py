"""JavaScript from a test: run a script with Node, JSON in, JSON out."""

from __future__ import annotations

import json
import subprocess
from typing import Any

from press.page import bundle


def run(script: str, payload: Any) -> Any:
    """What the ES module ``script`` hands to ``output(value)``; it finds ``payload`` in ``input``."""
    lines = [
        'import { readFileSync } from "node:fs";',
        'const input = JSON.parse(readFileSync(0, "utf8"));',
        "const output = (value) => process.stdout.write(JSON.stringify(value));",
        script,
    ]
    command = [str(bundle.node()), "--input-type=module", "--eval", "\n".join(lines)]
    done = subprocess.run(command, input=json.dumps(payload), capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
