"""A RabbitMQ from Debian's package: fetched once, unpacked into .tools/ without installing anything, and started for tests.

`TEST_RABBITMQ_URL` names another one. Where there is neither, because this is no Debian or nothing can be fetched,
the tests that want it are skipped and say so.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from tests.ports import free_ports

TOOLS: Final = Path(__file__).resolve().parents[2] / ".tools" / "rabbitmq"
PACKAGES: Final = (
    "rabbitmq-server",
    "erlang-base",
    *(
        f"erlang-{name}"
        for name in (
            "asn1", "crypto", "eldap", "ftp", "inets", "mnesia", "os-mon", "parsetools", "public-key",
            "runtime-tools", "snmp", "ssl", "syntax-tools", "tftp", "tools", "xmerl",
        )
    ),
)  # fmt: skip
START_SECONDS: Final = 60


class NoRabbitError(Exception):
    """There is no RabbitMQ to be had here; says why."""


def fetched() -> Path:
    """Returns where the packages are unpacked, after fetching them the first time."""
    for tool in ("apt-get", "dpkg-deb"):
        if shutil.which(tool) is None:
            raise NoRabbitError(f"{tool} is not here: name a RabbitMQ in TEST_RABBITMQ_URL")
    TOOLS.mkdir(parents=True, exist_ok=True)
    root = TOOLS / "root"
    with (TOOLS / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not root.exists():
            _fetch(TOOLS / "packages", TOOLS / "unpacked")
            (TOOLS / "unpacked").rename(root)
    return root


def _fetch(packages: Path, root: Path) -> None:
    lists, cache = TOOLS / "lists", TOOLS / "cache"
    for folder in (packages, root, lists / "partial", cache / "archives" / "partial"):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
    # Lists of our own: a machine may have none, and those of the system are the system's.
    own = ["-o", f"Dir::State::Lists={lists}", "-o", f"Dir::Cache={cache}"]
    own += ["-o", "Acquire::http::Timeout=10", "-o", "Acquire::Retries=0"]
    for order in (["update"], ["download", *PACKAGES]):
        try:
            done = subprocess.run(
                ["apt-get", *own, *order],
                cwd=packages,
                capture_output=True,
                text=True,
                timeout=90,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise NoRabbitError(f"apt-get {order[0]} came to no end") from None
        if done.returncode:
            raise NoRabbitError(f"apt-get {order[0]}: {done.stderr.strip()[-200:]}")
    for package in packages.glob("*.deb"):
        subprocess.run(["dpkg-deb", "-x", package, root], check=True, capture_output=True)


@contextmanager
def open_rabbitmq(folder: Path) -> Iterator[str]:
    """Yields the URL of a RabbitMQ that lives as long as the block; NoRabbitError when there is none to be had."""
    if url := os.environ.get("TEST_RABBITMQ_URL"):
        yield url
        return
    root = fetched()
    server = next(root.glob("usr/lib/rabbitmq/lib/rabbitmq_server-*/sbin/rabbitmq-server"), None)
    if server is None:
        raise NoRabbitError("the package has no server")
    port, nodes, epmd = free_ports(3)
    # The name server of nodes: RabbitMQ would start it by the packaged script, which knows /usr only.
    _epmd(root, epmd, "-daemon")
    with (folder / "out.log").open("w") as log:
        process = subprocess.Popen(
            [server],
            env=_environment(root, folder, port, nodes, epmd),
            stdout=log,
            stderr=subprocess.STDOUT,
            cwd=folder,
            start_new_session=True,
        )
    try:
        _wait(process, port, folder / "out.log")
        yield f"amqp://guest:guest@127.0.0.1:{port}/"
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        _epmd(root, epmd, "-kill")


def _environment(root: Path, folder: Path, port: int, nodes: int, epmd: int) -> dict[str, str]:
    """Returns an environment in which everything is found in `root` and kept in `folder`."""
    commands = folder / "bin"
    commands.mkdir()
    erlang = root / "usr/lib/erlang"
    emulator = next(erlang.glob("erts-*"))
    # The packaged start script knows /usr only; this one says where the files are.
    script = commands / "erl"
    script.write_text(
        f"#!/bin/sh\nexport ROOTDIR={erlang} BINDIR={emulator}/bin EMU=beam PROGNAME=erl\n"
        f'exec "$BINDIR/erlexec" "$@"\n'
    )
    script.chmod(0o755)
    (folder / "plugins").write_text("[].")
    return {
        "PATH": f"{commands}:{erlang}/bin:{os.environ['PATH']}",
        "HOME": str(folder),
        "LANG": "C.UTF-8",
        "RABBITMQ_NODENAME": f"tests{port}@localhost",
        "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
        "RABBITMQ_NODE_PORT": str(port),
        "RABBITMQ_DIST_PORT": str(nodes),
        "ERL_EPMD_PORT": str(epmd),
        "RABBITMQ_MNESIA_BASE": str(folder / "data"),
        "RABBITMQ_LOG_BASE": str(folder / "log"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "plugins"),
        "RABBITMQ_CONF_ENV_FILE": str(folder / "none"),
        "RABBITMQ_CONFIG_FILE": str(folder / "none"),
    }


def _wait(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while "Starting broker... completed" not in log.read_text():
        if process.poll() is not None or time.monotonic() > deadline:
            raise NoRabbitError(f"it did not start: {log.read_text()[-300:]}")
        time.sleep(0.1)
    socket.create_connection(("127.0.0.1", port), timeout=5).close()


def _epmd(root: Path, port: int, order: str) -> None:
    """Starts the name server of nodes, or ends it: it outlives them."""
    command = next(root.glob("usr/lib/erlang/erts-*/bin/epmd"))
    subprocess.run(
        [command, "-port", str(port), order],
        env={"ERL_EPMD_RELAXED_COMMAND_CHECK": "1", "ERL_EPMD_ADDRESS": "127.0.0.1"},
        capture_output=True,
        timeout=10,
        check=False,
    )
