"""What ``convnets export`` wrote for the browser: is it what the code and the weights would give today?

``assets/<system>/export.json`` says of what the graphs, golden answers and facts were made: a digest of the code that
``live.py`` reaches, and the digests of the weights. Nothing is imported or run.
"""

from __future__ import annotations

import json
from pathlib import Path

from convnets.common import assets, export


def reasons(root: Path, system: str) -> list[str]:
    """Why the exports of ``system`` are out of date; empty where they are fresh, or where it shows nothing."""
    folder = root / "assets" / system
    if not (root / "code" / "convnets" / system / "live.py").is_file():
        return []
    try:
        noted = json.loads((folder / export.NOTE).read_bytes())
        code, weights = noted["code"], dict(noted["weights"])
    except (OSError, ValueError, KeyError, TypeError):
        return ["never exported, or not as a whole"]
    found = (
        [] if code == export.code_of(system, root / "code") else [f"convnets/{system}/live.py or what it uses changed"]
    )
    for net, digest in sorted(weights.items()):
        file = folder / f"{net}.safetensors"
        if assets.is_changed(f"{system}/{file.name}", digest, folder.parent):
            found.append(f"the weights of {net} changed")
        found += [
            f"{name} is gone" for name in (f"{net}.graph.onnx", f"{net}.golden.json") if not (folder / name).is_file()
        ]
    return found


def orphans(root: Path, system: str) -> list[Path]:
    """Graphs and golden answers of networks that were not among those exported last."""
    folder = root / "assets" / system
    try:
        nets = set(json.loads((folder / export.NOTE).read_bytes())["weights"])
    except (OSError, ValueError, KeyError, TypeError):
        return []
    files = [*folder.glob("*.graph.onnx"), *folder.glob("*.golden.json")]
    return sorted(file for file in files if file.name.partition(".")[0] not in nets)
