"""Which pages are written again though they were not read again: those that show what another page says of itself.

Sphinx writes the pages that it has read. What others show of them (titles in the side bar, numbers and captions of
what they refer to) is compared here with what it was when they were last written.
"""

from __future__ import annotations

from typing import Any

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment


def note_references(app: Sphinx, doctree: nodes.document) -> None:
    """Note what the page refers to, before the references are resolved."""
    found = {str(link["reftarget"]).lower() for link in doctree.findall(addnodes.pending_xref)}
    app.env.metadata[app.env.docname]["press_refers"] = sorted(found)


def affected(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Pages that show a title, number or place that has changed; all of them where titles have, for the side bar."""
    before, now = getattr(env, "press_shown", None), {"titles": _titles(env), "targets": _targets(env)}
    env.press_shown = now  # type: ignore[attr-defined]
    if before is None:  # everything is written
        return []
    if before["titles"] != now["titles"]:
        return sorted(env.all_docs)
    changed = {name for name, _place in dict(before["targets"]).items() ^ now["targets"].items()}
    return sorted(page for page in env.all_docs if not changed.isdisjoint(env.metadata[page].get("press_refers", ())))


def _titles(env: BuildEnvironment) -> dict[str, Any]:
    titles = {page: title.astext() for page, title in env.titles.items()}
    return {"titles": titles, "order": dict(env.toctree_includes), "numbers": repr(sorted(env.toc_secnumbers.items()))}


def _targets(env: BuildEnvironment) -> dict[str, str]:
    """Each name that can be referred to, and what is shown of it."""
    said, formulas = env.domaindata["std"], env.domaindata["math"]["objects"]
    places = {**said["anonlabels"], **said["labels"]}
    places |= {name: place for (_kind, name), place in said["objects"].items()}
    numbers = {
        (page, label): number
        for page, kinds in env.toc_fignumbers.items()
        for found in kinds.values()
        for label, number in found.items()
    }
    shown = {name: (place, numbers.get((place[0], place[1]))) for name, place in places.items()}
    return {str(name).lower(): repr(place) for name, place in {**formulas, **shown}.items()}


def setup(app: Sphinx) -> None:
    """Follow the reading of pages, and the numbering that comes after it."""
    app.connect("doctree-read", note_references, priority=950)
    app.connect("env-get-updated", affected, priority=950)
