"""What follows from two addresses in ``_config.yml``: the repository's, and that of the published site.

``repository: {url: ...}`` alone gives the pages their buttons: the repository, an issue, an edit, and, where there is
code to run, Binder and Colab. While it is unset there is none, so none leads nowhere. The buttons are the theme's;
only where Colab finds a notebook is corrected, for it cannot open the MyST source that Binder opens.

``html: {baseurl: ...}`` gives what needs an absolute address: ``404.html``.
"""

from __future__ import annotations

import html
import re
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.errors import ConfigError

from press.editions import languages
from press.page.words import SOURCE
from press.publish import site

BRANCH = "notebooks"
"""Where publishing puts the notebooks, a folder for each language but the source's; Colab opens them there."""

_BUTTONS = ("use_repository_button", "use_issues_button", "use_edit_page_button")
_ADDRESS = re.compile(r"https://(?:[\w-]+\.)*(github|gitlab)\.[\w.-]+/[\w.-]+/[\w.-]+")
_MISSING = """<!DOCTYPE html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta http-equiv="Content-Security-Policy" content="{policy}" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="color-scheme" content="light dark" />
    <title>Page not found: {title}</title>
    <style>
      body {{ background: #fff; color: #1f2328; font: 1.1rem/1.6 sans-serif; margin: 15vh auto; max-width: 34rem;
        padding: 0 1rem }}
      @media (prefers-color-scheme: dark) {{
        body {{ background: #14181e; color: #ced6dd }}
        a {{ color: #7fb7ff }}
      }}
    </style>
  </head>
  <body>
    <main>
      <h1>There is no such page</h1>
      <p>It may have been moved or renamed. The book begins here:</p>
      <ul>{editions}</ul>
    </main>
  </body>
</html>
"""
_EDITION = '<li><a href="{address}" lang="{code}" hreflang="{code}">{title}</a></li>'


def configure(app: Sphinx, config: Config) -> None:
    """Show the buttons if the repository has an address, and none otherwise.

    Raises:
        ConfigError: an address is not written as one.
    """
    options = dict(config.html_theme_options)
    address = str(options.get("repository_url") or "").strip().rstrip("/").removesuffix(".git")
    services = dict(options.get("launch_buttons") or {}) if address else {}
    if address and not (host := _ADDRESS.fullmatch(address)):
        raise ConfigError(
            f"The repository's address {address!r} cannot be used: write it as https://github.com/OWNER/NAME in "
            "_config.yml (`repository: {url: ...}`), or leave it empty."
        )
    if address and host and host[1] != "github":
        services.pop("colab_url", None)  # Colab reads GitHub alone
    shown = {button: bool(address) for button in _BUTTONS}
    config.html_theme_options = {**options, **shown, "repository_url": address, "launch_buttons": services}
    if base := config.html_baseurl:
        if not base.startswith(("https://", "http://")):
            raise ConfigError(
                f"The site's address {base!r} cannot be used: write it as https://OWNER.github.io/NAME/ in "
                "_config.yml (`html: {baseurl: ...}`), or leave it empty."
            )
        config.html_baseurl = f"{base.rstrip('/')}/"


def mend_buttons(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Send Colab to the published notebook; where there is nothing to run, take the launch buttons away."""
    groups = {group.get("label"): group for group in context.get("header_buttons", [])}
    if context.pop("ipynb_source", None):  # the theme's, with outputs; the press offers one of its own
        Path(app.outdir, "_sources", f"{pagename}.ipynb").unlink(missing_ok=True)
        downloads = groups["download-buttons"]["buttons"]
        downloads[:] = [button for button in downloads if button.get("label") != "download-notebook-button"]
    if (launch := groups.get("launch-buttons")) is None:
        return
    if doctree is None or not _has_code(doctree):
        context["header_buttons"].remove(launch)
        return
    notebook = f"{_folder(app.config.language)}{Path(pagename).name}.ipynb"
    for button in launch["buttons"]:
        if button["text"] == "Colab":
            button["url"] = f"{button['url'].partition('/blob/')[0]}/blob/{BRANCH}/{notebook}"


def _folder(language: str) -> str:
    """Where an edition lies, below the site's address and on the notebooks' branch."""
    return "" if language == SOURCE else f"{language}/"


def _has_code(doctree: nodes.document) -> bool:
    return any(node.get("nb_element") == "cell_code" for node in doctree.findall(nodes.container))


def write_missing_page(app: Sphinx, error: Exception | None) -> None:
    """Make ``404.html``; a host shows it at any address, so its links are absolute."""
    page, base = Path(app.outdir, "404.html"), app.config.html_baseurl
    if error or app.builder.name != "html" or app.config.language != SOURCE:
        return
    if not base:
        page.unlink(missing_ok=True)
        return
    title = html.escape(app.config.html_title or app.config.project)
    editions = [
        _EDITION.format(
            address=html.escape(base + _folder(code)),
            code=code,
            title=title if code == SOURCE else languages.name(code),
        )
        for code in app.config.press_languages
    ]
    page.write_text(_MISSING.format(policy=site.POLICY, title=title, editions="".join(editions)), encoding="utf-8")


def setup(app: Sphinx) -> None:
    """Follow the settings and the pages; Sphinx's own extension writes ``.nojekyll``."""
    app.setup_extension("sphinx.ext.githubpages")
    app.add_css_file("launch.css")
    app.connect("config-inited", configure, priority=600)
    app.connect("html-page-context", mend_buttons, priority=550)  # the theme's buttons come at 501, the press's at 600
    app.connect("build-finished", write_missing_page)
