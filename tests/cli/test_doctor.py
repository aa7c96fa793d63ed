"""The doctor finds what is wrong and names the command that mends it."""

import socket
from typing import Any

import pytest

from cli import secrets
from cli.embedded.ports import free_port
from cli.embedded.postgres import EmbeddedPostgres
from cli.embedded.valkey import EmbeddedValkey
from cli.environment import choose_ports
from cli.state_folder import StateFolder
from tests.cli.conftest import Angarium, Answer


@pytest.fixture
def made(state: StateFolder) -> StateFolder:
    state.make()
    secrets.load_or_draw(state.secrets)
    choose_ports(state, workers=1)
    return state


def _finding(answer: Answer, check: str) -> dict[str, Any]:
    found = [finding for finding in answer.document["findings"] if finding["check"] == check]
    assert len(found) == 1, answer.out
    return dict(found[0])


def test_a_fresh_machine_is_healthy_and_told_what_comes_first(angarium: Angarium) -> None:
    answer = angarium("doctor", "--json")
    assert answer.code == 0, answer.out
    assert answer.document["healthy"]
    assert _finding(answer, "python")["mark"] == "ok"
    assert _finding(answer, "postgres program")["mark"] == "ok"
    assert _finding(answer, "valkey program")["mark"] == "ok"
    assert _finding(answer, "state folder") == {
        "check": "state folder",
        "mark": "skip",
        "detail": _finding(answer, "state folder")["detail"],
        "mend": "angarium up",
    }


def test_secrets_that_others_may_read_are_broken(angarium: Angarium, made: StateFolder) -> None:
    made.secrets.chmod(0o644)
    answer = angarium("doctor")
    assert answer.code == 1
    assert f"chmod 600 {made.secrets}" in answer.out


def test_a_state_folder_that_others_may_read_is_broken(angarium: Angarium, made: StateFolder) -> None:
    made.path.chmod(0o755)
    answer = angarium("doctor", "--json")
    assert answer.code == 1
    assert _finding(answer, "state folder")["mend"] == f"chmod 700 {made.path}"


def test_damaged_secrets_are_broken(angarium: Angarium, made: StateFolder) -> None:
    made.secrets.write_text("{")
    finding = _finding(angarium("doctor", "--json"), "secrets")
    assert finding["mark"] == "fail"
    assert "backup" in finding["mend"]


def test_missing_programs_are_broken(angarium: Angarium, made: StateFolder) -> None:
    answer = angarium("doctor", "--json", ANGARIUM_POSTGRES_BIN="/nowhere", ANGARIUM_VALKEY_SERVER="/nowhere")
    assert answer.code == 1
    assert "unset ANGARIUM_POSTGRES_BIN" in _finding(answer, "postgres program")["mend"]
    assert "unset ANGARIUM_VALKEY_SERVER" in _finding(answer, "valkey program")["mend"]


def test_a_port_held_by_a_stranger_is_named(angarium: Angarium, made: StateFolder) -> None:
    port = choose_ports(made, workers=1)["gateway"]
    with socket.create_server(("127.0.0.1", port)):
        finding = _finding(angarium("doctor", "--json"), "ports")
    assert finding["mark"] == "warn"
    assert f"gateway {port}" in finding["detail"]
    assert f"sport = :{port}" in finding["mend"]


def test_stores_that_are_named_and_do_not_answer_are_broken_and_no_password_is_shown(
    angarium: Angarium, made: StateFolder
) -> None:
    port = free_port()
    answer = angarium(
        *("doctor", "--json"),
        DATABASE_URL=f"postgresql://owner:hush@127.0.0.1:{port}/angarium",
        REDIS_URL=f"redis://:hush@127.0.0.1:{port}/0",
    )
    assert answer.code == 1
    assert "export DATABASE_URL=" in _finding(answer, "database")["mend"]
    assert "export REDIS_URL=" in _finding(answer, "valkey")["mend"]
    assert "hush" not in answer.out + answer.err


def test_a_database_behind_its_release_is_sent_to_migrate(angarium: Angarium, made: StateFolder) -> None:
    with (
        EmbeddedPostgres(made.path / "postgres", fast_for_tests=True),
        EmbeddedValkey(made.path / "valkey", fast_for_tests=True),
    ):
        answer = angarium("doctor", "--json")
    assert _finding(answer, "database")["mark"] == "ok"
    assert _finding(answer, "valkey")["mark"] == "ok"
    assert _finding(answer, "migrations") == {
        "check": "migrations",
        "mark": "fail",
        "detail": _finding(answer, "migrations")["detail"],
        "mend": "angarium migrate",
    }
    assert answer.code == 1
