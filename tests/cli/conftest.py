"""What tests of the command share: a state folder of their own, the command as a process, and a tenant it asks about."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from cli.state_folder import StateFolder
from services.campaign.bootstrap import build
from services.campaign.settings import CampaignSettings
from tests.campaign.conftest import create_tenant
from tests.common.given import COMPLETE
from tests.house import Served, serving, settings_for

SERVICES = ("consent", "campaign", "delivery", "analytics")
_SHARED = ("jwt_issuer", "jwt_audience", "jwt_secret", "service_token_secret", "public_base_url")


@dataclass(frozen=True)
class Answer:
    """What a command printed and how it ended."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> dict[str, Any]:
        found = json.loads(self.out)
        assert isinstance(found, dict)
        return found


Angarium = Callable[..., Answer]
Ask = Callable[..., Awaitable[Answer]]


def asking(angarium: Angarium, *words: str, tenant: str = "", **addresses: str) -> Ask:
    """Runs commands that begin with some words, about a tenant where one is named, while services answer.

    Addresses are those of services by their name; where one alone is named, it stands for all of them.
    """
    known = addresses if len(addresses) > 1 else dict.fromkeys(SERVICES, *addresses.values())
    environment = {name.upper(): str(COMPLETE[name]) for name in _SHARED}
    environment |= {f"{name.upper()}_ADDRESS": address for name, address in known.items()}
    environment["PYTHONPATH"] = str(Path.cwd())
    whose = ("--tenant", tenant) if tenant else ()

    async def run(*more: str, **changes: str) -> Answer:
        return await asyncio.to_thread(angarium, *words, *more, *whose, **{**environment, **changes})

    return run


@pytest.fixture
def state(tmp_path: Path) -> StateFolder:
    return StateFolder(tmp_path / "state")


@pytest.fixture
def angarium(state: StateFolder) -> Angarium:
    """Runs the command in a process of its own, with nothing of this machine's set-up in its environment."""

    def run(*arguments: str, stdin: str = "", **environment: str) -> Answer:
        answer = subprocess.run(
            [sys.executable, "-m", "cli.main", *arguments],
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
            env={
                "PATH": os.environ["PATH"],
                "ANGARIUM_STATE": str(state.path),
                "COLUMNS": "200",
                **environment,
            },
        )
        return Answer(answer.returncode, answer.stdout, answer.stderr)

    return run


@pytest.fixture
async def campaign(clone_database: Callable[[Iterable[str]], str], redis_url: str) -> AsyncIterator[Served]:
    """A served campaign with one tenant."""
    settings = settings_for(CampaignSettings, clone_database(["campaign"]), redis_url, "campaign")
    async with serving(build, settings) as served:
        await create_tenant(served)
        yield served
