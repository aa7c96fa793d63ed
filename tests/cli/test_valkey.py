"""The embedded Valkey starts, survives kills, and stays apart from others."""

import os
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from cli.embedded.errors import EmbeddedError
from cli.embedded.processes import ProcessIdentity
from cli.embedded.valkey import EmbeddedValkey

ROOT = Path(__file__).parents[2]


@pytest.fixture
def valkey(tmp_path: Path) -> Iterator[EmbeddedValkey]:
    server = EmbeddedValkey(tmp_path / "valkey")
    server.start()
    yield server
    server.stop()


def _client(url: str) -> redis.Redis:
    return redis.Redis.from_url(url, decode_responses=True)


def test_what_was_written_a_second_ago_is_still_there_after_a_kill(valkey: EmbeddedValkey) -> None:
    with _client(valkey.url) as client:
        client.xadd("events", {"word": "kept"}, id="1-0")
    time.sleep(1.3)
    assert valkey.pid
    os.kill(valkey.pid, signal.SIGKILL)
    url = valkey.url
    assert valkey.start() == url
    with _client(valkey.url) as client:
        assert client.xrange("events") == [("1-0", {"word": "kept"})]


def test_port_and_password_stay_the_same_and_another_port_is_found_when_it_is_taken(
    valkey: EmbeddedValkey,
) -> None:
    before, port = valkey.url, valkey.port
    valkey.stop()
    assert valkey.start() == before
    valkey.stop()
    with socket.create_server(("127.0.0.1", port)):
        valkey.start()
        assert valkey.port != port


def test_a_running_server_is_adopted(valkey: EmbeddedValkey) -> None:
    other = EmbeddedValkey(valkey.folder)
    assert other.start() == valkey.url
    assert other.pid == valkey.pid


def test_nobody_gets_in_without_the_password_and_it_stands_on_no_command_line(valkey: EmbeddedValkey) -> None:
    for url in (valkey.url, valkey.socket_url):
        with _client(url) as client:
            assert client.ping()
    with (
        _client(f"redis://127.0.0.1:{valkey.port}/0") as stranger,
        pytest.raises(redis.AuthenticationError),
    ):
        stranger.ping()
    assert valkey.password not in Path(f"/proc/{valkey.pid}/cmdline").read_text()
    for name in ("server.json", "valkey.conf"):
        assert stat.S_IMODE((valkey.folder / name).stat().st_mode) == 0o600


def test_it_listens_on_this_machine_only_and_never_evicts(valkey: EmbeddedValkey) -> None:
    with _client(valkey.url) as client:
        wanted = {
            "bind": "127.0.0.1",
            "maxmemory-policy": "noeviction",
            "appendonly": "yes",
            "appendfsync": "everysec",
        }
        assert {name: client.config_get(name)[name] for name in wanted} == wanted


def test_two_run_side_by_side(valkey: EmbeddedValkey, tmp_path: Path) -> None:
    with (
        EmbeddedValkey(tmp_path / "other") as other,
        _client(other.url) as theirs,
        _client(valkey.url) as mine,
    ):
        theirs.set("word", "theirs")
        assert mine.get("word") is None


def test_a_missing_program_is_explained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANGARIUM_VALKEY_SERVER", "/nowhere")
    with pytest.raises(EmbeddedError) as refused:
        EmbeddedValkey(tmp_path / "valkey").start()
    assert "unset ANGARIUM_VALKEY_SERVER" in refused.value.mend


_STARTS_AND_WAITS = """
import sys, time
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from cli.embedded.valkey import EmbeddedValkey
server = EmbeddedValkey(Path(sys.argv[2]))
server.start()
print(server.pid, flush=True)
time.sleep(600)
"""


def test_the_server_ends_when_the_process_that_started_it_is_killed(tmp_path: Path) -> None:
    command = [sys.executable, "-c", _STARTS_AND_WAITS, str(ROOT), str(tmp_path / "valkey")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout
        server = ProcessIdentity.of(int(parent.stdout.readline()))
        assert server
        parent.kill()
    assert server.wait_gone(10)
