"""Lines that are shown to be copied work in the shell they are shown in."""

import os
import sys
from pathlib import Path

import pytest

from cli.spelling import spelled


def test_a_command_on_path_is_called_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    assert spelled("Start it: angarium up --workers 2") == "Start it: angarium up --workers 2"


def test_elsewhere_it_is_called_by_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.chdir(Path(sys.executable).parent.parent)
    assert spelled("angarium down && angarium up") == "bin/angarium down && bin/angarium up"
    assert spelled("the embedded angarium.") == "the embedded angarium."


def test_far_from_the_checkout_its_whole_path_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.chdir("/")
    said = spelled("angarium status")
    assert Path(said.split()[0]).resolve() == Path(sys.executable).with_name("angarium").resolve()
