"""The supervisor starts roles in order, restarts the dead and drains in reverse."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from cli.embedded.ports import free_port
from cli.embedded.postgres import EmbeddedPostgres
from cli.embedded.processes import ProcessIdentity
from cli.embedded.valkey import EmbeddedValkey
from cli.supervisor import AlreadyRunning, HttpOk, Program, Role, RoleFailed, RoleState, Supervisor
from cli.supervisor.pids import PidFiles
from cli.supervisor.polling import until
from tests.cli.roles import once, sleeper


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    return tmp_path / "journal"


async def _until_gone(pid: int) -> None:
    async with asyncio.timeout(10):
        await until(lambda: ProcessIdentity.of(pid) is None)


async def _until_another(supervisor: Supervisor, role: str, pid: int) -> None:
    async with asyncio.timeout(20):
        await until(lambda: supervisor.pid(role) not in (None, pid))
    await supervisor.wait_ready(role, within=20)


def _text(path: Path) -> str:
    return path.read_text()


def _start(*arguments: str, new_session: bool = False) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, *arguments], stdout=subprocess.PIPE, start_new_session=new_session
    )


@pytest.mark.req("REL-22")
async def test_roles_start_after_those_they_need_and_drain_before_those_they_call(
    tmp_path: Path, journal: Path
) -> None:
    roles = [
        sleeper("store", journal),
        once("migrate", f"open({str(journal)!r}, 'a').write('migrated\\n')", after=("store",)),
        sleeper("service", journal, after=("migrate",), calls=("store",)),
        sleeper("door", journal, after=("service",)),
    ]
    supervisor = Supervisor(roles, tmp_path)
    await supervisor.start()
    states = {status.name: status.state for status in supervisor.status()}
    await supervisor.stop()

    assert states == {
        "store": RoleState.READY,
        "migrate": RoleState.FINISHED,
        "service": RoleState.READY,
        "door": RoleState.READY,
    }
    assert _text(journal).split("\n") == [
        "store starts",
        "migrated",
        "service starts",
        "door starts",
        "door drains",
        "door drained",
        "service drains",
        "service drained",
        "store drains",
        "store drained",
        "",
    ]


async def test_a_role_killed_with_sigkill_is_started_again_and_counted(tmp_path: Path, journal: Path) -> None:
    async with Supervisor([sleeper("service", journal)], tmp_path) as supervisor:
        for killed in (1, 2, 3):
            pid = supervisor.pid("service")
            assert pid
            os.kill(pid, signal.SIGKILL)
            await _until_gone(pid)
            await _until_another(supervisor, "service", pid)
            assert supervisor.restarts("service") == killed


async def test_embedded_servers_killed_with_sigkill_come_back_at_the_same_address(tmp_path: Path) -> None:
    postgres = EmbeddedPostgres(tmp_path / "postgres", fast_for_tests=True)
    valkey = EmbeddedValkey(tmp_path / "valkey", fast_for_tests=True)
    async with Supervisor([Role("postgres", postgres), Role("valkey", valkey)], tmp_path) as supervisor:
        before = postgres.url, valkey.url
        for name in ("postgres", "valkey"):
            pid = supervisor.pid(name)
            assert pid
            os.kill(pid, signal.SIGKILL)
            await _until_another(supervisor, name, pid)
        assert (postgres.url, valkey.url) == before
        assert supervisor.restarts("postgres") == supervisor.restarts("valkey") == 1
    assert not postgres.alive()
    assert not valkey.alive()


async def test_a_role_that_never_gets_ready_fails_the_start_with_its_last_words_and_leaves_nothing(
    tmp_path: Path, journal: Path
) -> None:
    broken = Role(
        "broken", Program((sys.executable, "-c", "print('DB_HOST: is required'); raise SystemExit(3)"))
    )
    supervisor = Supervisor([sleeper("store", journal), broken], tmp_path)
    with pytest.raises(RoleFailed) as failed:
        await supervisor.start()

    assert failed.value.role == "broken"
    assert failed.value.message == "ended with exit code 3"
    assert "DB_HOST: is required" in failed.value.said
    assert supervisor.pid("store") is None
    assert _text(journal).endswith("store drained\n")


async def test_a_migration_that_fails_is_not_tried_again(tmp_path: Path, journal: Path) -> None:
    code = f"open({str(journal)!r}, 'a').write('tried\\n'); raise SystemExit(1)"
    with pytest.raises(RoleFailed):
        await Supervisor([once("migrate", code)], tmp_path).start()
    assert _text(journal) == "tried\n"


async def test_a_role_that_does_not_drain_in_its_grace_is_killed(tmp_path: Path, journal: Path) -> None:
    said: list[str] = []
    stubborn = sleeper("stubborn", journal, drain_seconds=600, grace=0.5)
    supervisor = Supervisor([stubborn], tmp_path, on_event=lambda _, text: said.append(text))
    await supervisor.start()
    pid = supervisor.pid("stubborn")
    began = time.monotonic()
    await supervisor.stop()

    assert time.monotonic() - began < 5
    assert "did not drain in time and was killed" in said
    assert pid
    assert ProcessIdentity.of(pid) is None


async def test_kill_ends_a_drain_that_is_under_way(tmp_path: Path, journal: Path) -> None:
    supervisor = Supervisor([sleeper("slow", journal, drain_seconds=600, grace=600)], tmp_path)
    await supervisor.start()
    draining = asyncio.create_task(supervisor.stop())
    await asyncio.sleep(0.3)
    supervisor.kill()
    async with asyncio.timeout(5):
        await draining


async def test_http_readiness_waits_for_an_answer_of_200(tmp_path: Path) -> None:
    code = """
import http.server, sys, time
class Door(http.server.BaseHTTPRequestHandler):
    asked = 0
    def do_GET(self):
        Door.asked += 1
        self.send_response(200 if Door.asked > 2 else 503)
        self.end_headers()
    def log_message(self, *_): pass
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Door).serve_forever()
"""
    port = free_port()
    door = Role(
        "door",
        Program((sys.executable, "-c", code, str(port))),
        ready=HttpOk(f"http://127.0.0.1:{port}/health"),
    )
    async with Supervisor([door], tmp_path) as supervisor:
        assert supervisor.restarts("door") == 0


async def test_every_line_of_every_role_reaches_the_merged_log_and_its_own_file(
    tmp_path: Path, journal: Path
) -> None:
    lines: list[tuple[str, str]] = []
    roles = [sleeper("one", journal), sleeper("two", journal)]
    async with Supervisor(roles, tmp_path, on_line=lambda role, line: lines.append((role, line))):
        async with asyncio.timeout(5):
            await until(lambda: len(lines) == 2)
    assert sorted(lines) == [("one", "one says hello"), ("two", "two says hello")]
    assert _text(tmp_path / "logs" / "one.log") == "one says hello\n"


async def test_a_second_supervisor_in_the_same_folder_is_refused(tmp_path: Path, journal: Path) -> None:
    async with Supervisor([sleeper("one", journal)], tmp_path):
        with pytest.raises(AlreadyRunning) as refused:
            await Supervisor([sleeper("one", journal)], tmp_path).start()
        assert refused.value.pid == os.getpid()


def test_roles_that_wait_for_each_other_are_refused(tmp_path: Path, journal: Path) -> None:
    with pytest.raises(ValueError, match="wait for each other: a, b"):
        Supervisor([sleeper("a", journal, after=("b",)), sleeper("b", journal, calls=("a",))], tmp_path)


_CHILD = """
import asyncio, sys
from pathlib import Path
sys.path.insert(0, {root!r})
from cli.supervisor import Supervisor
from cli.supervisor.pids import PidFiles
from cli.supervisor.polling import until
from tests.cli.roles import sleeper
async def main():
    folder = Path(sys.argv[1])
    supervisor = Supervisor([sleeper("service", folder / "journal")], folder)
    await supervisor.start()
    print(supervisor.pid("service"), flush=True)
    await asyncio.sleep(600)
asyncio.run(main())
"""


async def test_roles_end_when_the_supervisor_is_killed(tmp_path: Path) -> None:
    root = str(Path(__file__).parents[2])
    with _start("-c", _CHILD.format(root=root), str(tmp_path)) as child:
        assert child.stdout
        pid = int(child.stdout.readline())
        child.kill()
    await _until_gone(pid)
    assert _text(tmp_path / "journal").endswith("service drained\n")


async def test_orphans_of_a_killed_supervisor_are_found_and_ended_at_the_next_start(
    tmp_path: Path, journal: Path
) -> None:
    forever = "-c", "import time; time.sleep(600)"
    with _start(*forever, new_session=True) as left, _start(*forever) as stranger:
        try:
            identity = ProcessIdentity.of(left.pid)
            assert identity
            pids = PidFiles(tmp_path / "run")
            pids.write("service", identity)
            pids.write("other", ProcessIdentity(stranger.pid, "at another time"))
            async with Supervisor([sleeper("service", journal)], tmp_path) as supervisor:
                assert supervisor.orphans == ["service"]
                assert left.wait(5) == -signal.SIGTERM
                assert stranger.poll() is None
        finally:
            left.kill()
            stranger.kill()
