"""The wheel carries the published weights: installed away from the checkout, the networks load and answer."""

from __future__ import annotations

import json
import subprocess
import sys
import sysconfig
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from convnets.common import gzipped

ROOT = Path(__file__).resolve().parents[1]
ASK = """
import json, pathlib, torch, convnets
from convnets import lenet
from convnets.common import assets, gzipped, runs
net = lenet.load()
print(json.dumps({
    "package": str(pathlib.Path(convnets.__file__).parent),
    "assets": str(assets.root()),
    "parameters": sum(p.numel() for p in net.parameters()),
    "answers": list(net(torch.zeros(1, 1, 32, 32)).shape),
    "runs": len(runs.names("lenet")),
    "weights": sorted(file.relative_to(assets.root()).as_posix() for folder in assets.root().glob("*/")
                      for file in gzipped.weights(folder) if assets.read_file(file)),
}))
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True)
    return next(folder.glob("*.whl"))


def test_an_empty_environment_loads_the_published_network(
    wheel: Path, tmp_path: Path, weights: Callable[[str, str], None]
) -> None:
    weights("lenet", "lenet5")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(tmp_path / "env")], check=True)
    python = tmp_path / "env" / "bin" / "python"
    site = tmp_path / "site"
    with zipfile.ZipFile(wheel) as archive:  # what installing a pure-Python wheel does
        archive.extractall(site)
    # Torch and NumPy are lent by this environment; path entries do not pull in its editable install of the checkout.
    environment = {
        "PYTHONPATH": f"{site}:{sysconfig.get_path('purelib')}",
        "OMP_NUM_THREADS": "1",
        "HOME": str(tmp_path),
    }
    asked = subprocess.run(
        [python, "-c", ASK], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert asked.returncode == 0, asked.stderr
    found = json.loads(asked.stdout)
    assert found["package"] == str(site / "convnets")
    assert found["assets"] == str(site / "convnets" / "assets")
    assert found["parameters"] == 60_000 and found["answers"] == [1, 10] and found["runs"] > 0
    stored = [file for folder in (ROOT / "assets").glob("*/") for file in gzipped.weights(folder)]
    assert found["weights"] == sorted(file.relative_to(ROOT / "assets").as_posix() for file in stored)


def test_the_wheel_holds_no_page_and_no_browser_code(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    tops = {name.split("/")[0] for name in names if ".dist-info" not in name}
    assert tops == {"convnets", "press"}
    made = [name for name in names if name.endswith((".ipynb", ".svg", ".md", "__pycache__"))]
    assert made == ["press/static/favicon.svg"]
