"""The stack of a demo: everything `angarium up` starts, in a folder of its own, fresh each time."""

import os
import shutil
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

from cli.client import ClientSettings
from cli.demo.stage import Stage
from cli.demo.wish import Wish
from cli.embedded.ports import give_back
from cli.installation import Installation
from cli.output import CommandError
from cli.state_folder import StateFolder
from cli.stores import embedded_postgres, embedded_valkey
from cli.supervisor import AlreadyRunning, RoleFailed, Supervisor
from cli.supervisor.pids import SUPERVISOR, PidFiles
from services.common.settings import read

# What a demo takes from the caller's environment: where programs and servers are, never settings of another installation.
_TAKEN = (
    "PATH",
    "HOME",
    "LANG",
    "LC_ALL",
    "TMPDIR",
    "TZ",
    "LD_LIBRARY_PATH",
    "PYTHONPATH",
    "LOG_LEVEL",
    "DATABASE_URL",
    "REDIS_URL",
    "ANGARIUM_POSTGRES_BIN",
    "ANGARIUM_VALKEY_SERVER",
)
# Limits that protect a deployment from strangers would only slow a demo down: everybody in it has one address.
_UNHURRIED = {
    "RATE_LIMIT_PER_SECOND": "100000",
    "RATE_LIMIT_GLOBAL_EMAIL_PER_MIN": "10000000",
    "RATE_LIMIT_GLOBAL_SMS_PER_MIN": "10000000",
    "RATE_LIMIT_MAX_REQUESTS": "1000000",
    "RATE_LIMIT_SEND_PER_MIN": "100000",
    "RECEIPTS_PER_MINUTE": "1000000",
    "PAGES_PER_MINUTE": "1000000",
    "UNSUBSCRIBE_FORMS_PER_MINUTE": "1000000",
    "POLL_MS": "250",
    # After a kill, what a dead worker held is taken over within seconds, and the provider is asked soon.
    "LEASE_SECONDS": "6",
    "UNKNOWN_RECHECK_SECONDS": "1",
    "UNKNOWN_ABSENT_SECONDS": "8",
    "UNKNOWN_OUTCOME_MINUTES": "2",
    "RETRY_DELAY_MS": "1000",
    "SANDBOX_PACE": "0.5",
    "SANDBOX_WEBHOOK_SECONDS": "0.25",
    "LOG_LEVEL": "info",
}


@dataclass(frozen=True, slots=True)
class Stack:
    """A running stack."""

    installation: Installation
    supervisor: Supervisor

    @property
    def client_settings(self) -> ClientSettings:
        """Returns what calls to this stack need, whatever the caller's environment says."""
        known = self.installation.client_environment()
        wanted = {name: known[name.upper()] for name in ClientSettings.model_fields if name.upper() in known}
        return read(ClientSettings, **{**wanted, "service_name": "demo"})

    def port(self, name: str) -> int:
        """Returns where a role listens."""
        return self.installation.environments.ports[name]

    @property
    def seconds_to_ready(self) -> dict[str, float]:
        """Returns how long each role took to be ready."""
        return {
            status.name: round(status.seconds_to_ready, 2)
            for status in self.supervisor.status()
            if status.seconds_to_ready is not None
        }


@asynccontextmanager
async def running_stack(wish: Wish, folder: StateFolder, stage: Stage) -> AsyncIterator[Stack]:
    """Yields a stack whose roles are all ready; drains it afterwards.

    Raises:
        CommandError: Another demo runs in the folder, the folder is not a demo's, or a role does not come up.
    """
    _make_fresh(folder)
    try:
        installation = Installation(folder, workers=wish.workers, environment=_environment(wish))
    except AlreadyRunning as running:
        raise _in_use(folder, running.pid) from running
    supervisor: Supervisor | None = None
    is_up = False
    try:
        with stage.phase("start", "Start databases, services and the sandbox") as phase:
            bar = phase.bar("roles ready", len(installation.roles()))

            def happened(role: str, text: str) -> None:
                if text.startswith(("ready after", "finished after")):
                    bar.advance()
                elif text.startswith("ready again"):
                    stage.note(f"{role} is {text}")
                else:
                    stage.note(f"[yellow]{role} {text}[/]")

            supervisor = installation.supervisor(on_event=happened)
            await supervisor.start()
            is_up = True
            phase.result = f"{bar.total} roles, data in {folder.path}"
        yield Stack(installation, supervisor)
    except RoleFailed as failed:
        said = "".join(f"\n  {line}" for line in failed.said.splitlines()[-12:])
        raise CommandError(
            f"{failed.role} {failed.message}; its log ends with:{said}",
            f"Mend what it names; the whole log is {failed.log}",
        ) from failed
    finally:
        if supervisor is not None and is_up:
            with stage.phase("drain", "Drain everything"):
                await supervisor.stop()
        give_back(folder.path)


def _environment(wish: Wish) -> Mapping[str, str]:
    taken = {name: os.environ[name] for name in _TAKEN if os.environ.get(name)}
    return {**_UNHURRIED, **taken, "SANDBOX_SEED": wish.seed}


def _make_fresh(folder: StateFolder) -> None:
    """Removes what an earlier demo left, and nothing else."""
    if not folder.path.exists() or not any(folder.path.iterdir()):
        return
    if not folder.exists:
        raise CommandError(
            f"{folder.path} holds other things than an installation.",
            "Name a folder that is empty: --state …",
        )
    pids = PidFiles(folder.run)
    if running := pids.running().get(SUPERVISOR):
        raise _in_use(folder, running.pid)
    pids.end_orphans(10.0)
    for server in (embedded_valkey(folder), embedded_postgres(folder)):
        if server.folder.exists() and server.running_url():
            server.stop()
    shutil.rmtree(folder.path)


def _in_use(folder: StateFolder, pid: int | None) -> CommandError:
    return CommandError(
        f"A stack runs in {folder.path} already (pid {pid}).",
        f"End it: angarium down --state {folder.path} – or use another folder: --state …",
    )
