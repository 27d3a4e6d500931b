"""``press build`` and ``press serve`` around Sphinx; the build itself is in test_sphinx_outputs."""

from __future__ import annotations

import socket
import threading
import urllib.request

import pytest
import toybook

from convnets.common.errors import ConvnetsError
from press.publish import build, printed


@pytest.fixture
def site(tmp_path):
    """A root with a built site of one page."""
    folder = tmp_path / build.SITE
    folder.mkdir(parents=True)
    (folder / "index.html").write_text("<h1>Here</h1>")
    (tmp_path / "book").mkdir()
    return tmp_path


def test_a_folder_without_a_book_is_named(tmp_path):
    with pytest.raises(ConvnetsError, match="no _config.yml"):
        build.build(tmp_path)


@pytest.fixture
def sphinx(monkeypatch):
    """Stands in for Sphinx: ``sphinx(text)`` has it print one page with ``text``, or with a warning."""

    def stand_in(text, code=0):
        def run(root, draft, live, language="en"):
            folder = build._folder(root, language)
            folder.mkdir(parents=True, exist_ok=True)
            (folder / "index.html").write_text(text)
            return code

        monkeypatch.setattr(build, "_sphinx", run)

    return stand_in


def test_the_last_line_says_where_to_look(site, sphinx, capsys):
    sphinx("<h1>New</h1>")
    assert build.build(site) == 0
    assert str(site / "_build" / "html" / "index.html") in capsys.readouterr().out.splitlines()[-1]
    assert (site / build.SITE / "index.html").read_text() == "<h1>New</h1>"


def test_a_broken_link_is_an_error(site, sphinx, capsys):
    sphinx('<a href="gone.html">x</a>')
    for _again in range(2):  # until it is mended
        assert build.build(site) == 1
        assert "index.html: gone.html leads nowhere" in capsys.readouterr().out
    assert (site / build.SITE / "index.html").read_text() == "<h1>Here</h1>", "the site stays as it was"


def test_a_build_with_warnings_is_an_error(site, sphinx, capsys):
    sphinx("<h1>New</h1>", 1)
    assert build.build(site) == 1
    assert "warnings above" in capsys.readouterr().out
    assert (site / build.SITE / "index.html").read_text() == "<h1>Here</h1>"


def test_a_build_that_fails_leaves_what_the_last_good_one_knew_and_says_the_same_again(tmp_path, monkeypatch, capfd):
    toybook.write_book(tmp_path)
    monkeypatch.setenv("CONVNETS_ASSETS", str(tmp_path / "assets"))
    page, folder = tmp_path / "book" / "toy.md", tmp_path / build.WORK / "en"

    def edition() -> int:
        printed.open_sealed(folder, "house")
        return build._edition(tmp_path, False, False, "house")

    assert edition() == 0
    good, text = printed.content(folder), page.read_text()
    page.write_text(text + "\nSee {ref}`nowhere`.\n")
    for _again in range(2):
        capfd.readouterr()
        assert edition() == 1
        assert "nowhere" in capfd.readouterr().err
        assert printed.content(folder) == good and [file.name for file in folder.parent.iterdir()] == ["en"]
    page.write_text(text)
    for killed in (folder / printed.SEAL, folder / "html" / "book" / "toy.html"):  # while it worked, or copied
        printed.open_sealed(folder, "house")
        assert not (folder / printed.SEAL).exists()
        killed.unlink(missing_ok=True)
        assert edition() == 0
        assert (folder / "html" / "book" / "toy.html").is_file() and printed.SEAL in printed.content(folder)
    (folder / "html" / "book" / "toy.html").write_text("")
    printed.open_sealed(folder, "house")
    assert list(folder.parent.iterdir()) == [], "what is not whole is of no use"


def test_a_site_whose_change_of_place_was_cut_short_is_found_again(site):
    (site / build.SITE).rename(site / build._OLD)
    (site / build._NEW).mkdir()
    build.restore(site)
    assert (site / build.SITE / "index.html").is_file()
    assert not (site / build._OLD).exists() and not (site / build._NEW).exists()


def test_serve_hands_out_the_site(site, monkeypatch):
    ready, servers = threading.Event(), []

    class Server(build.http.server.ThreadingHTTPServer):
        def serve_forever(self, poll_interval=0.01):
            servers.append(self)
            ready.set()
            super().serve_forever(poll_interval)

    monkeypatch.setattr(build.http.server, "ThreadingHTTPServer", Server)
    thread = threading.Thread(target=build.serve, args=(site, 0))
    thread.start()
    assert ready.wait(5)
    with urllib.request.urlopen(f"http://127.0.0.1:{servers[0].server_port}/") as answer:
        assert answer.read() == b"<h1>Here</h1>"
    servers[0].shutdown()
    thread.join(5)
    assert not thread.is_alive()


def test_serve_without_a_site_says_what_to_do(tmp_path):
    with pytest.raises(ConvnetsError, match="press build"):
        build.serve(tmp_path)


def test_serve_names_a_port_in_use(site):
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(ConvnetsError, match="--port"):
        build.serve(site, taken.getsockname()[1])


def test_settings_leave_execution_to_the_press():
    import yaml

    config = yaml.safe_load((toybook.REPOSITORY / "_config.yml").read_text())
    assert config["execute"]["execute_notebooks"] == "off" and config["only_build_toc_files"] is True
