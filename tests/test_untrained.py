"""Systems without training or without epochs, and the picture that sets the systems side by side."""

from __future__ import annotations

import pytest

from convnets import cli

UNTRAINED = "hubelwiesel"


@pytest.mark.parametrize(
    ("command", "told"),
    [
        (["train", UNTRAINED], f"{UNTRAINED} is not trained: everything in it is given"),
        (["evaluate", UNTRAINED], f"{UNTRAINED} is not evaluated: it has no trained network"),
        (["train", "cortex", "--epochs", "3"], "--epochs 3 does not apply: cortex does not train in epochs."),
    ],
)
def test_what_a_system_does_not_do_is_refused_in_a_sentence(
    command: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(command) == 2
    error = capsys.readouterr().err
    assert error.startswith(f"convnets: {told}") and error.count("\n") == 1


def test_it_is_listed_and_verified_all_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["list"]) == 0
    assert f"{UNTRAINED} (not trained)" in capsys.readouterr().out.splitlines()
    assert cli.main(["verify", UNTRAINED]) == 0
