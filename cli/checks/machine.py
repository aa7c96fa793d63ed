"""Checks of the machine and the state folder; nothing has to run for them."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator

from cli import secrets
from cli.checks.finding import Finding
from cli.embedded import privileges
from cli.embedded.binaries import find_postgres, find_valkey
from cli.embedded.errors import EmbeddedError
from cli.embedded.ports import is_free
from cli.embedded.stack import DATABASE_VARIABLE, REDIS_VARIABLE
from cli.environment import known_ports
from cli.state_folder import StateFolder
from cli.supervisor.pids import SUPERVISOR, PidFiles

_OLDEST_PYTHON = (3, 11)
_LEAST_DISK = 1_000_000_000
# 2026-01-01: a clock before it cannot be right.
_EARLIEST = 1_767_225_600


def check_machine(state: StateFolder) -> Iterator[Finding]:
    """Yields what is found about Python, programs, folder, secrets, ports and clock."""
    yield _python()
    yield from _programs(state)
    yield _folder(state)
    yield from _secrets(state)
    yield _ports(state)
    yield _clock()


def _python() -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info < _OLDEST_PYTHON:
        return Finding.fail("python", f"is {version}, 3.11 is needed", "uv python install 3.11 && uv sync")
    return Finding.ok("python", version)


def _programs(state: StateFolder) -> Iterator[Finding]:
    if os.environ.get(DATABASE_VARIABLE):
        yield Finding.skip("postgres program", f"{DATABASE_VARIABLE} names a server, none is started")
    else:
        try:
            found = find_postgres()
            mode = privileges.choose(found.postgres, state.path).mode
            as_user = "" if mode == "plain" else f", run as root through {mode}"
            yield Finding.ok("postgres program", f"{found.version} ({found.origin}){as_user}")
        except EmbeddedError as error:
            yield Finding.fail("postgres program", error.message, error.mend)
    if os.environ.get(REDIS_VARIABLE):
        yield Finding.skip("valkey program", f"{REDIS_VARIABLE} names a server, none is started")
    else:
        try:
            yield Finding.ok("valkey program", str(find_valkey()))
        except EmbeddedError as error:
            yield Finding.fail("valkey program", error.message, error.mend)


def _folder(state: StateFolder) -> Finding:
    check = "state folder"
    path = state.path
    if not path.exists():
        above = next(parent for parent in path.parents if parent.exists())
        if not os.access(above, os.W_OK):
            return Finding.fail(check, f"{path} cannot be made", f"sudo install -d -m 700 -o $USER {path}")
        return Finding.skip(check, f"{path} is made at the first start", "angarium up")
    if not os.access(path, os.W_OK | os.X_OK):
        return Finding.fail(check, f"{path} cannot be written", f"sudo chown -R $USER {path}")
    if path.stat().st_mode & 0o066:
        return Finding.fail(check, f"others may read {path}", f"chmod 700 {path}")
    free = shutil.disk_usage(path).free
    if free < _LEAST_DISK:
        return Finding.warn(check, f"{free // 1_000_000:,} MB are free on its disk", f"df -h {path}")
    return Finding.ok(check, f"{path}, {free // 1_000_000_000:,} GB free")


def _secrets(state: StateFolder) -> Iterator[Finding]:
    check = "secrets"
    if not state.secrets.exists():
        yield Finding.skip(check, "are drawn at the first start", "angarium up")
        return
    if state.secrets.stat().st_mode & 0o077:
        yield Finding.fail(check, f"others may read {state.secrets}", f"chmod 600 {state.secrets}")
    try:
        known = secrets.load(state.secrets)
    except secrets.SecretsError as error:
        yield Finding.fail(check, error.message, error.mend)
        return
    missing = [name for name in secrets.NAMES if name not in known]
    if missing:
        yield Finding.warn(check, f"{', '.join(missing)} will be drawn anew at the next start", "angarium up")
    else:
        yield Finding.ok(check, f"{len(known)} in {state.secrets}")


def _ports(state: StateFolder) -> Finding:
    check = "ports"
    if PidFiles(state.run).running().get(SUPERVISOR):
        return Finding.ok(check, "held by the stack that runs")
    wanted = known_ports(state)
    taken = {name: port for name, port in wanted.items() if not is_free(port)}
    if taken:
        listed = ", ".join(f"{name} {port}" for name, port in taken.items())
        return Finding.warn(
            check,
            f"taken by others: {listed}; the next start chooses others",
            f"See by whom: ss -ltnp 'sport = :{next(iter(taken.values()))}'",
        )
    return Finding.ok(check, f"{len(wanted)} are free, the gateway's is {wanted['gateway']}")


def _clock() -> Finding:
    check = "clock"
    if time.time() < _EARLIEST:
        return Finding.fail(check, f"says {time.strftime('%Y-%m-%d')}", "sudo timedatectl set-ntp true")
    if shutil.which("timedatectl"):
        answer = subprocess.run(
            ["timedatectl", "show", "--property=NTPSynchronized", "--value"],
            capture_output=True,
            text=True,
            check=False,
            timeout=5,
        )
        if answer.stdout.strip() == "no":
            return Finding.warn(check, "is not synchronised", "sudo timedatectl set-ntp true")
    return Finding.ok(check, time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime()))
