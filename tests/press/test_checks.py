"""The checks: bare numbers, alt text, links."""

from __future__ import annotations

import pytest

from press.page import addresses, checks

C = checks._CITED


def found(text: str, language: str = "en") -> list[str]:
    return [number for _position, number in checks.bare_numbers(text, language)]


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("It errs on 0.8 of a hundred.", ["0.8"]),
        ("It errs on 5 % of them, or 5% or 5 per cent.", ["5 %", "5%", "5 per cent"]),
        ("About 1,234.5 of them.", ["1,234.5"]),
        ("It is 1.5x faster.", ["1.5"]),
        ("Between 0.54-0.62 somewhere.", ["0.54", "0.62"]),
        ("The 60,000 digits of 1998, and 3 layers.", []),
        ("Python 3.11.7 and v1.0.", []),
        ("The bar is the 95 % interval.", []),
        (f"Of the U.S. Postal Service, 5.0 % {C}.", []),
        (f"The paper reports 0.95 % {C}.", []),
        (f"{C} report 0.95 %. We find 0.8 %.", ["0.8 %"]),
        (f"As LeCun et al. report, 0.95 % {C}.", []),
    ],
)
def test_bare_numbers(text, numbers):
    assert found(text) == numbers


def test_bare_numbers_in_spanish():
    assert found("Un error de 0,8 en 60.000 dígitos, el 5 por ciento.", "es") == ["0,8", "5 por ciento"]


@pytest.fixture
def site(tmp_path):
    (tmp_path / "a.html").write_text(
        '<h1 id="top">A</h1><a href="b.html#sec">b</a> <a href="#top">up</a> <a href="https://example.org/">out</a>'
        '<img src="picture.png"><script src="code.js">var x = "<a href=\'nowhere.html\'>";</script>'
    )
    (tmp_path / "b.html").write_text('<h2 id="sec">B</h2><a href="./">start</a><a href="a.html?x=1">a</a>')
    for name in ("picture.png", "code.js", "index.html"):
        (tmp_path / name).write_text("")
    return tmp_path


def test_good_links_pass(site):
    assert checks.links(site) == []


def test_what_pages_hold_is_known_by_their_content(site, tmp_path_factory, monkeypatch):
    known, read = tmp_path_factory.mktemp("kept") / "addresses.json", []
    addresses.keep(site, known)
    page = addresses.Page
    monkeypatch.setattr(addresses, "Page", lambda text: read.append(text) or page(text))
    assert checks.links(site, [known]) == [] and read == []
    (site / "b.html").write_text('<h2 id="other">B</h2>')
    assert checks.links(site, [known]) == ["a.html: b.html#sec leads to a page without that anchor"]
    assert read == ['<h2 id="other">B</h2>']
    for damage in ("", "[]", "{"):
        known.write_text(damage)
        assert len(checks.links(site, [known])) == 1, "it is read anew"


@pytest.mark.parametrize(
    ("bad", "problem"),
    [
        ('<a href="c.html">c</a>', "c.html leads nowhere"),
        ('<a href="b.html#secc">b</a>', "without that anchor"),
        ('<img alt="x" src="gone.png">', "gone.png leads nowhere"),
        ('<script src="https://cdn.example.org/x.js"></script>', "from another host"),
        ('<link rel="stylesheet" href="https://fonts.example.org/x.css" />', "from another host"),
    ],
)
def test_bad_links_are_named_with_their_page(site, bad, problem):
    (site / "index.html").write_text(bad)
    (only,) = checks.links(site)
    assert only.startswith("index.html: ") and problem in only


AWAY = "https://away.example/x"


@pytest.mark.parametrize(
    "bad",
    [
        f"<SCRIPT SRC={AWAY}></SCRIPT>",
        f"<img alt='x' src = '{AWAY}'>",
        f'<img alt="a > b" src="{AWAY}">',
        "<img src=//away.example/x>",
        "<img src='\\\\away.example/x'>",
        "<img src=' ht\ntps://away.example/x'>",
        "<img src='&#104;ttps://away.example/x'>",
        f"<img src=picture.png srcset='picture.png, {AWAY} 2x'>",
        f"<link rel=preload as=image imagesrcset='{AWAY} 100w'>",
        f"<object data={AWAY}></object>",
        f"<video src=picture.png poster={AWAY}></video>",
        f"<video><track src={AWAY}></video>",
        f"<body background={AWAY}>",
        *(f"<link rel='{rel}' href='{AWAY}'>" for rel in ("icon", "preload", "dns-prefetch", "alternate stylesheet")),
        f"<p style='background: URL( {AWAY} )'>x</p>",
        "<p style='background: url(\\68ttps://away.example/x)'>x</p>",
        f"<style>@import '{AWAY}';</style>",
        f"<style>@font-face {{ src: url('{AWAY}') }}</style>",
        f"<svg><rect fill='url({AWAY})' /></svg>",
        f"<svg><image xlink:href='{AWAY}' /><use href='{AWAY}' /></svg>",
        f"<meta http-equiv=Refresh content='0;URL={AWAY}'>",
        f"<form action={AWAY}></form>",
        f"<form><button formaction={AWAY}>x</button></form>",
        f"<a href=a.html ping={AWAY}>x</a>",
        f"<iframe srcdoc='&lt;img src=&quot;{AWAY}&quot;&gt;'></iframe>",
        f"<noscript><img src={AWAY}></noscript>",
    ],
)
@pytest.mark.parametrize("folder", ["", "es"])
def test_whatever_a_page_asks_of_another_host_is_found(site, bad, folder):
    (site / folder).mkdir(exist_ok=True)
    (site / folder / "picture.png").touch()
    (site / folder / "a.html").write_text(bad)
    told = [line for line in checks.links(site) if "b.html" not in line]
    assert told and all("from another host" in line and "away.example" in line for line in told)


def test_what_only_leads_away_or_lies_in_the_page_is_no_fault(site):
    harmless = (
        f"<a href='{AWAY}'>out</a><link rel=canonical href='{AWAY}'><img src='data:image/gif;base64,AA=='>"
        f"<svg><a xlink:href='{AWAY}'>out</a></svg><!-- <img src={AWAY}> --><p title='url({AWAY})'>url({AWAY})</p>"
        "<svg><clipPath id=c /><g clip-path='url(#c)' /></svg><a href='a.html?x#top'>a</a>"
    )
    (site / "index.html").write_text(harmless)
    assert checks.links(site) == []


@pytest.mark.parametrize(
    "bad",
    [
        "<img srcset='picture.png, gone.png 2x'>",
        "<A HREF=gone.png>x</A>",
        "<g filter='url(#gone)'>",
        "<a href='http://[x'>",
    ],
)
def test_what_leads_nowhere_is_found_however_it_is_written(site, bad):
    (site / "index.html").write_text(bad)
    (only,) = checks.links(site)
    assert "gone" in only or "http://[x leads nowhere" in only


def test_code_in_an_address_is_refused(site):
    (site / "index.html").write_text("<a href=' JavaScript:alert(1)'>x</a>")
    assert "is code" in checks.links(site)[0]
