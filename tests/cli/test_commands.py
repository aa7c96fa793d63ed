"""The command: help, tokens, errors, exit codes, and what is refused."""

import importlib
import os
import resource
import stat
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import jwt
import pytest
import typer

from cli import secrets
from cli.embedded.processes import ProcessIdentity
from cli.embedded.valkey import EmbeddedValkey
from cli.main import COMMANDS
from cli.state_folder import StateFolder
from cli.supervisor.pids import SUPERVISOR, PidFiles
from tests.cli.conftest import Angarium

TENANT = "0190a0b0-0000-7000-8000-000000000001"
HARBOUR, MARKET = "0190a0b0-0000-7000-8000-00000000000b", "0190a0b0-0000-7000-8000-00000000000c"


def _seconds_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def test_help_lists_every_command_and_is_there_at_once(angarium: Angarium) -> None:
    # The processor's time, for the machine may be busy with other things.
    before = _seconds_of_children()
    answer = angarium("--help")
    seconds = _seconds_of_children() - before
    assert answer.code == 0
    for command in COMMANDS:
        assert command.name in answer.out
    print(f"--help in {seconds:.2f} s")
    assert seconds < 0.4


def ways() -> Iterator[list[str]]:
    """Every command a person can type, those within others too."""
    for command in COMMANDS:
        yield from _within(
            [command.name], typer.main.get_command(importlib.import_module(command.module).app)
        )


def _within(words: list[str], found: object) -> Iterator[list[str]]:
    within = found.commands if isinstance(found, typer.core.TyperGroup) else {}
    for name, command in within.items():
        yield from _within([*words, name], command)
    if not within:
        yield words


@pytest.mark.parametrize("words", list(ways()), ids=" ".join)
def test_every_command_has_help_with_examples_and_json(angarium: Angarium, words: list[str]) -> None:
    answer = angarium(*words, "--help")
    assert answer.code == 0
    assert "Example" in answer.out
    assert "--json" in answer.out
    assert f"angarium {words[0]}" in answer.out


def test_the_shell_completes_commands_and_options(angarium: Angarium) -> None:
    def completed(words: str) -> set[str]:
        number = str(len(words.split(" ")) - 1)
        answer = angarium(_ANGARIUM_COMPLETE="complete_bash", COMP_WORDS=words, COMP_CWORD=number)
        return set(answer.out.split())

    assert completed("angarium do") == {"doctor", "down"}
    assert "--workers" in completed("angarium up --wo")
    assert "create" in completed("angarium token c")


def test_an_unknown_command_is_wrong_usage(angarium: Angarium) -> None:
    answer = angarium("nosuch")
    assert answer.code == 2
    assert "No such command 'nosuch'" in answer.err


def test_a_token_carries_tenant_role_and_branches_and_expires(angarium: Angarium, state: StateFolder) -> None:
    state.make()
    drawn = secrets.load_or_draw(state.secrets)
    answer = angarium(
        *("token", "create", "--tenant", TENANT, "--role", "branch_manager", "--subject", "asha"),
        *("--branch", HARBOUR, "--branch", MARKET, "--ttl", "8h"),
    )
    assert answer.code == 0, answer.err
    claims = jwt.decode(
        answer.out.strip(), drawn["JWT_SECRET"], algorithms=["HS256"], audience="angarium", issuer="angarium"
    )
    assert claims["tenant"] == TENANT
    assert claims["sub"] == "asha"
    assert claims["roles"] == ["branch_manager"]
    assert claims["branches"] == [HARBOUR, MARKET]
    named = angarium("token", "create", "--tenant", TENANT, "--role", "branch_manager", "--branch", "north")
    assert (named.code, "--branch 'north' is no id" in named.err) == (2, True)
    life = datetime.fromtimestamp(claims["exp"], UTC) - datetime.now(UTC)
    assert timedelta(hours=7, minutes=59) < life <= timedelta(hours=8)


def test_json_gives_the_token_as_one_document(angarium: Angarium, state: StateFolder) -> None:
    state.make()
    secrets.load_or_draw(state.secrets)
    document = angarium("token", "create", "--role", "platform_admin", "--json").document
    assert document["role"] == "platform_admin"
    assert document["token"].count(".") == 2


@pytest.mark.parametrize(
    ("arguments", "mend"),
    [
        (("--role", "super_owner"), "--tenant <id>"),
        (("--role", "super_owner", "--tenant", "mine"), "Ids look like"),
        (("--role", "platform_admin", "--ttl", "forever"), "--ttl 15m"),
        (("--role", "platform_admin", "--ttl", "400d"), "--ttl 15m"),
        (("--role", "contact", "--tenant", TENANT), "--subject <contact id>"),
    ],
)
def test_wrong_usage_says_what_would_be_right(
    angarium: Angarium, arguments: tuple[str, ...], mend: str
) -> None:
    answer = angarium("token", "create", *arguments)
    assert answer.code == 2
    assert mend in answer.err


def test_without_an_installation_a_command_says_how_to_get_one(angarium: Angarium) -> None:
    for command in (("token", "create", "--role", "platform_admin"), ("status",)):
        answer = angarium(*command)
        assert answer.code == 1
        assert "There is no installation" in answer.err
        assert "angarium up" in answer.err


def test_an_error_with_json_is_a_document_on_standard_error(angarium: Angarium) -> None:
    answer = angarium("status", "--json")
    assert answer.out == ""
    assert '"mend"' in answer.err


def test_tokens_of_an_identity_provider_cannot_be_signed_here(angarium: Angarium, state: StateFolder) -> None:
    state.make()
    secrets.load_or_draw(state.secrets)
    answer = angarium("token", "create", "--role", "platform_admin", JWT_ALGORITHM="RS256")
    assert answer.code == 1
    assert "identity provider" in answer.err


def test_down_ends_what_a_killed_supervisor_left_running(angarium: Angarium, state: StateFolder) -> None:
    state.make()
    valkey = EmbeddedValkey(state.path / "valkey", fast_for_tests=True)
    valkey.start()
    answer = angarium("down", "--json")
    assert answer.document == {"was_running": False, "left_behind": ["valkey"]}
    assert not valkey.alive()
    assert angarium("down", "--json").document["left_behind"] == []


def test_clean_removes_an_installation_only_when_it_is_down_and_confirmed(
    angarium: Angarium, state: StateFolder
) -> None:
    state.make()
    secrets.load_or_draw(state.secrets)
    me = ProcessIdentity.of(os.getpid())
    assert me
    pids = PidFiles(state.run)
    pids.write(SUPERVISOR, me)
    assert "angarium down" in angarium("clean", "--yes").err
    pids.forget(SUPERVISOR)
    assert angarium("clean", stdin="n\n").code == 1
    assert angarium("clean", "--json").code == 2
    assert state.path.exists()
    assert angarium("clean", "--yes", "--json").document == {"removed": str(state.path)}
    assert not state.path.exists()


def test_clean_leaves_a_folder_of_other_things_alone(angarium: Angarium, state: StateFolder) -> None:
    state.path.mkdir()
    (state.path / "thesis.txt").write_text("years of work")
    assert angarium("clean", "--yes").code == 1
    assert (state.path / "thesis.txt").exists()


def test_up_refuses_a_folder_in_which_a_stack_runs(angarium: Angarium, state: StateFolder) -> None:
    state.make()
    me = ProcessIdentity.of(os.getpid())
    assert me
    PidFiles(state.run).write(SUPERVISOR, me)
    answer = angarium("up")
    assert answer.code == 1
    assert f"already runs in {state.path} (pid {os.getpid()})" in answer.err
    assert "angarium status" in answer.err
    assert not state.ports.exists()
    assert stat.S_IMODE(state.path.stat().st_mode) & 0o066 == 0
