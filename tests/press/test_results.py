"""Results in prose: what the role and the table read from run records, and what they say when there is nothing."""

from __future__ import annotations

import pytest
import toybook

from convnets.common import kept
from convnets.common.errors import ConvnetsError
from press.page import results, words

NBSP = "\u00a0"


@pytest.fixture
def toy_runs(tmp_path, monkeypatch):
    """The toy's run records as the only assets."""
    monkeypatch.setenv("CONVNETS_ASSETS", str(tmp_path))
    toybook.write_runs(tmp_path)


@pytest.mark.parametrize(
    ("spec", "shown"),
    [
        ("toy/net.error", f"0.60{NBSP}%"),
        ("toy/net.validation.error", f"0.70{NBSP}%"),
        ("toy/net.error:interval", f"0.35–0.85{NBSP}%"),
        ("toy/net.error:seeds", "3"),
        ("toy/net:seeds", "3"),
        ("toy/net-1.error", f"0.60{NBSP}%"),
        ("toy/net-1.error:interval", f"0.40–0.80{NBSP}%"),
        ("toy/net-1.error:seeds", "1"),
        ("toy/net.seconds", "41"),
        ("toy/net.settings.rate", "0.02"),
        ("toy/net-n1000.error", f"3.00{NBSP}%"),
    ],
)
def test_role_reads_the_records(toy_runs, spec, shown):
    assert results.text(spec) == shown


def test_spanish_numbers_have_a_comma(toy_runs):
    assert results.text("toy/net.error", "es") == f"0,60{NBSP}%"
    assert words.number(12345, language="es") == "12\u202f345"


def test_why_runs_were_kept_is_said_once(toy_runs, tmp_path):
    assert results.accepted("toy") == []
    for code in ("a" * 16, "b" * 16):
        new = kept.Acceptance("2026-11-23", "Renamed a helper.", code, ("0" * 64,))
        kept.accept(tmp_path / "toy", new, ["0" * 64])
    opening, reasons, _closing = results.accepted("toy")
    assert reasons.astext() == "2026-11-23: Renamed a helper." and "(1)</summary>" in opening.astext()


@pytest.mark.parametrize(
    ("spec", "named"),
    [
        ("toy/nett.error", "net, net-n1000"),
        ("toy/net.acuracy", "test.error"),
        ("toy/net-1.settings.name", "settings.name"),
        ("toy/net-9.error", "net-9"),
        ("nothere/net.error", "nothere/net"),
        ("toy/net.seconds:interval", "no interval"),
        ("toy/net", "system/recipe.metric"),
        ("nothere/net:seeds", "nothere/net"),
        ("net.error", "system/recipe.metric"),
        ("toy/net.error:sedes", ":interval or :seeds"),
    ],
)
def test_unknown_results_are_named_in_one_sentence(toy_runs, spec, named):
    with pytest.raises(ConvnetsError) as refused:
        results.text(spec)
    assert named in str(refused.value) and "\n" not in str(refused.value)


_UNKNOWN_KEY = "- {label: a, recipe: net, metric: error, papr: 1}"


@pytest.mark.parametrize("body", ["just words", "- label: a", _UNKNOWN_KEY, "- [", ""])
def test_a_wrong_table_body_is_refused(body):
    with pytest.raises(ConvnetsError, match="results"):
        results.rows(body)


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(0.01, "0.1 s"), (0.42, "0.4 s"), (41.2, "41 s"), (119, "119 s"), (600, "10 min"), (12600, "3.5 h")],
)
def test_durations(seconds, shown):
    assert words.duration(seconds) == shown.replace(" ", NBSP)


def test_a_quoted_number_follows_the_language():
    assert words.quoted("0.95 %", "es") == f"0,95{NBSP}%" and words.quoted("0.95 %") == f"0.95{NBSP}%"


def test_a_share_of_any_name_is_in_per_cent():
    assert words.number(0.5, name="accuracy_c2") == f"50.00{NBSP}%"
    assert words.number(0.5, name="nats_per_char") == "0.5"


def test_devices():
    assert words.device("cuda: NVIDIA H200") == "NVIDIA H200"
    assert words.device("cpu: 1 thread") == "CPU (1 thread)"
    assert words.device("cpu: 16 threads") == "CPU (16 threads)"
    assert words.device("cpu: Apple M9") == "CPU (Apple M9)"
    assert words.device("cpu") == "CPU"
