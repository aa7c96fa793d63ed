"""The environment makes itself with what a fresh machine has."""

import os
from pathlib import Path

import pytest

from scripts import bootstrap


def uv_that_says(folder: Path, text: str) -> None:
    program = folder / "uv"
    program.write_text(f"#!/bin/sh\necho '{text}'\n")
    program.chmod(0o755)


@pytest.mark.parametrize(
    ("text", "taken"),
    [("uv 0.13.8 (x86_64)", True), ("uv 0.9.0", True), ("uv 0.8.22", False), ("nonsense", False)],
)
def test_a_uv_on_path_is_taken_when_it_is_new_enough(
    text: str, taken: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    uv_that_says(tmp_path, text)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    assert bootstrap.uv_on_path() == (tmp_path / "uv" if taken else None)


def test_an_active_environment_of_another_project_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIRTUAL_ENV", "/another/project")
    assert "VIRTUAL_ENV" not in bootstrap.environment()
