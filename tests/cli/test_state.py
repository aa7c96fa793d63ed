"""Secrets, ports and environments of an installation."""

import json
import os
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from cli import secrets
from cli.embedded.ports import give_back, is_free
from cli.embedded.stack import EmbeddedStack
from cli.environment import Database, Environments, choose_ports, known_ports
from cli.state_folder import StateFolder
from services.common.security.keys import KeySet
from services.common.settings import CommonSettings, read


@pytest.fixture
def made(state: StateFolder) -> StateFolder:
    state.make()
    return state


def _environments(state: StateFolder, **inherited: str) -> Environments:
    drawn = secrets.load_or_draw(state.secrets)
    return Environments(state, drawn, choose_ports(state, workers=2), inherited=inherited)


_DATABASE = Database.of("postgresql://postgres:owner@127.0.0.1:5433/angarium", socket="/tmp/run")


def test_secrets_are_drawn_once_and_only_their_owner_can_read_them(made: StateFolder) -> None:
    drawn = secrets.load_or_draw(made.secrets)
    assert stat.S_IMODE(made.secrets.stat().st_mode) == 0o600
    assert secrets.load_or_draw(made.secrets) == drawn
    assert len(set(drawn.values())) == len(secrets.NAMES) == len(drawn)
    for name in ("ENCRYPTION_KEYS", "HASH_KEYS", "TOKEN_KEYS", "RECEIPT_KEYS"):
        assert KeySet.parse(drawn[name]).current[0] == "k1"


def test_a_file_of_secrets_that_others_could_read_is_closed_at_the_next_start(made: StateFolder) -> None:
    secrets.load_or_draw(made.secrets)
    made.secrets.chmod(0o644)
    secrets.load_or_draw(made.secrets)
    assert stat.S_IMODE(made.secrets.stat().st_mode) == 0o600


def test_a_secret_that_a_newer_release_needs_is_added_and_the_others_stay(made: StateFolder) -> None:
    drawn = secrets.load_or_draw(made.secrets)
    made.secrets.write_text(f'{{"JWT_SECRET": "{drawn["JWT_SECRET"]}"}}')
    again = secrets.load_or_draw(made.secrets)
    assert again["JWT_SECRET"] == drawn["JWT_SECRET"]
    assert set(again) == set(secrets.NAMES)


def test_a_damaged_file_of_secrets_is_never_replaced(made: StateFolder) -> None:
    made.secrets.write_text('{"JWT_SECRET": "half')
    with pytest.raises(secrets.SecretsError) as refused:
        secrets.load_or_draw(made.secrets)
    assert "backup" in refused.value.mend
    assert made.secrets.read_text() == '{"JWT_SECRET": "half'


def test_others_cannot_list_the_state_folder(made: StateFolder) -> None:
    assert stat.S_IMODE(made.path.stat().st_mode) & 0o066 == 0


def test_ports_stay_the_same_and_move_only_when_they_are_taken(made: StateFolder) -> None:
    first = choose_ports(made, workers=1)
    assert choose_ports(made, workers=1) == first
    assert known_ports(made) == first
    assert len(set(first.values())) == len(first)
    with socket.create_server(("127.0.0.1", first["gateway"])):
        second = choose_ports(made, workers=1)
    assert second["gateway"] != first["gateway"]
    assert {**second, "gateway": 0} == {**first, "gateway": 0}


def test_two_installations_get_different_ports_while_one_runs(made: StateFolder) -> None:
    other = StateFolder(made.path.parent / "other")
    other.make()
    first = choose_ports(made, workers=1)
    give_back(made.path)
    held = [socket.create_server(("127.0.0.1", port)) for port in first.values() if is_free(port)]
    try:
        assert not set(choose_ports(other, workers=1).values()) & set(first.values())
    finally:
        for server in held:
            server.close()


_CHOOSES_AND_WAITS = """
import json, sys
from pathlib import Path
from cli.environment import choose_ports
from cli.state_folder import StateFolder
state = StateFolder(Path(sys.argv[1]))
state.make()
print(json.dumps(choose_ports(state, workers=1)), flush=True)
sys.stdin.read()
"""


def _chosen_elsewhere(folder: Path) -> tuple[subprocess.Popen[str], dict[str, int]]:
    """Lets another process choose ports before anything listens on them."""
    process = subprocess.Popen(
        [sys.executable, "-c", _CHOOSES_AND_WAITS, str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    return process, json.loads(process.stdout.readline())


def test_installations_that_start_at_the_same_moment_choose_different_ports(tmp_path: Path) -> None:
    first, ports = _chosen_elsewhere(tmp_path / "first")
    second, others = _chosen_elsewhere(tmp_path / "second")
    try:
        assert not set(ports.values()) & set(others.values())
        first.kill()
        first.wait()
        again, once_more = _chosen_elsewhere(tmp_path / "first")
        again.communicate("")
        assert once_more == ports
    finally:
        for process in (first, second):
            process.kill()
            process.communicate()


def test_the_environment_of_a_service_makes_valid_settings(
    made: StateFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    environments = _environments(made)
    for name in list(os.environ):
        monkeypatch.delenv(name)
    for name, value in environments.service("delivery", _DATABASE, "redis://:word@127.0.0.1:6379/0").items():
        monkeypatch.setenv(name, value)
    settings = read(CommonSettings)
    assert settings.bind_address == environments.address("delivery") == settings.delivery_address
    assert (settings.db_host, settings.db_user) == ("/tmp/run", "angarium_delivery")
    assert settings.public_base_url == environments.gateway_url


def test_the_callers_settings_win_but_not_over_what_the_stack_chose(made: StateFolder) -> None:
    environments = _environments(
        made,
        DEFAULT_TIMEZONE="Asia/Tokyo",
        PUBLIC_BASE_URL="https://mail.example",
        JWT_ISSUER="",
        BIND_ADDRESS="0.0.0.0:1",
        DB_PASSWORD="stranger",
        CONSENT_ADDRESS="elsewhere:1",
    )
    role = environments.service("consent", _DATABASE, "redis://127.0.0.1:6379/0")
    assert role["DEFAULT_TIMEZONE"] == "Asia/Tokyo"
    assert role["PUBLIC_BASE_URL"] == "https://mail.example"
    assert role["JWT_ISSUER"] == "angarium"
    assert role["BIND_ADDRESS"] == role["CONSENT_ADDRESS"] == environments.address("consent")
    assert role["DB_PASSWORD"] != "stranger"


def test_each_role_gets_only_the_secrets_it_needs(made: StateFolder) -> None:
    environments = _environments(made)
    drawn = secrets.load_or_draw(made.secrets)

    def holds(role: dict[str, str]) -> set[str]:
        return {name for name, value in drawn.items() if value in role.values()}

    keys = {"JWT_SECRET", "SERVICE_TOKEN_SECRET", "ENCRYPTION_KEYS", "HASH_KEYS", "TOKEN_KEYS"}
    passwords = {secrets.password_variable(service) for service in secrets.SERVICES}
    assert holds(environments.service("consent", _DATABASE, "redis://x")) == keys | {
        "CONSENT_DB_PASSWORD",
        "RECEIPT_KEYS",
    }
    assert holds(environments.service("campaign", _DATABASE, "redis://x")) == keys | {"CAMPAIGN_DB_PASSWORD"}
    assert holds(environments.gateway("redis://x")) == {"SERVICE_TOKEN_SECRET", "TOKEN_KEYS"}
    assert holds(environments.sandbox()) == set()
    assert holds(environments.migrations(_DATABASE)) == passwords


def test_workers_have_metrics_ports_of_their_own(made: StateFolder) -> None:
    environments = _environments(made)
    ports = {
        environments.service("delivery", _DATABASE, "redis://x", role=role)["METRICS_PORT"]
        for role in (None, "delivery-worker-1", "delivery-worker-2")
    }
    assert len(ports) == 3


def test_a_database_of_ones_own_is_read_from_its_url() -> None:
    found = Database.of("postgresql://owner:p%40ss@db.internal:6543/crm?sslmode=verify-full")
    assert (found.host, found.port, found.name) == ("db.internal", 6543, "crm")
    assert found.options == {"PGSSLMODE": "verify-full"}


def test_given_stores_are_used_and_nothing_is_started(made: StateFolder) -> None:
    given = {"DATABASE_URL": "postgresql://owner@db/angarium", "REDIS_URL": "redis://cache:6379/0"}
    with EmbeddedStack(made.path, environment=given) as stack:
        assert (stack.database_url, stack.redis_url) == (given["DATABASE_URL"], given["REDIS_URL"])
    assert not (made.path / "postgres").exists()


def test_embedded_stores_start_where_none_are_given(made: StateFolder) -> None:
    with EmbeddedStack(made.path, fast_for_tests=True, environment={}) as stack:
        assert stack.database_url.startswith("postgresql://postgres:")
        assert stack.redis_url.startswith("redis://:")
        assert stack.postgres
        assert stack.postgres.alive()
    assert not stack.postgres.alive()
