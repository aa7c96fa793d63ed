"""The folders of unix sockets: short enough for the kernel, taken again after a kill, gone after a stop."""

import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import redis

from cli.embedded.postgres import EmbeddedPostgres
from cli.embedded.state import make_socket_folder, socket_place
from cli.embedded.valkey import EmbeddedValkey


@pytest.fixture
def shared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder for temporary files, which nobody else uses while the test runs."""
    folder = Path(tempfile.mkdtemp(prefix="sockets-", dir="/tmp"))
    folder.chmod(0o711)
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def deep(tmp_path: Path) -> Path:
    """A folder whose sockets have to be elsewhere."""
    folder = tmp_path / ("a-folder-far-below-the-others-" * 3)
    folder.mkdir()
    return folder


def test_a_stopped_server_leaves_no_folder_of_sockets(shared: Path, deep: Path) -> None:
    with (
        EmbeddedPostgres(deep / "postgres", fast_for_tests=True) as postgres,
        EmbeddedValkey(deep / "valkey") as valkey,
    ):
        with psycopg.connect(postgres.socket_url) as connection:
            connection.execute("SELECT 1")
        with redis.Redis.from_url(valkey.socket_url) as client:
            assert client.ping()
        assert len(list(shared.iterdir())) == 2
    assert list(shared.iterdir()) == []


def test_a_folder_with_room_for_sockets_keeps_them_itself(shared: Path) -> None:
    near = shared / "near"
    with EmbeddedValkey(near) as valkey:
        assert (near / "run" / "valkey.sock").is_socket()
        assert [one.name for one in shared.iterdir()] == ["near"]
        assert valkey.socket_url.startswith("unix://")
    assert not (near / "run").exists()


def test_after_a_kill_the_same_folder_is_used_again(shared: Path, deep: Path) -> None:
    with EmbeddedValkey(deep / "valkey") as valkey:
        before = list(shared.iterdir())
        assert valkey.pid
        os.kill(valkey.pid, signal.SIGKILL)
        valkey.start()
        assert list(shared.iterdir()) == before
        with redis.Redis.from_url(valkey.socket_url) as client:
            assert client.ping()


def test_a_stop_after_a_kill_removes_the_folder_too(shared: Path, deep: Path) -> None:
    valkey = EmbeddedValkey(deep / "valkey")
    valkey.start()
    assert valkey.pid
    os.kill(valkey.pid, signal.SIGKILL)
    valkey.stop()
    assert list(shared.iterdir()) == []


def test_what_killed_servers_left_goes_once_their_own_folders_are_gone(shared: Path, deep: Path) -> None:
    for name in ("gone", "there"):
        (deep / name).mkdir()
        make_socket_folder(deep / name)
    (deep / "gone").rmdir()
    (deep / "new").mkdir()
    make_socket_folder(deep / "new")
    assert set(shared.iterdir()) == {socket_place(deep / name) for name in ("there", "new")}
