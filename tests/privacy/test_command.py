"""`angarium privacy` against running services."""

from __future__ import annotations

import asyncio
import json
import stat
import zipfile
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Angarium, Answer, angarium, state  # noqa: F401 - fixtures
from tests.common.given import COMPLETE
from tests.privacy.conftest import ANNA, SERVICES, Town

Ask = Callable[..., Awaitable[Answer]]


@pytest.fixture
def ask(angarium: Angarium, town: Town) -> Ask:  # noqa: F811 - the fixture
    """Runs a command that finds the services by its environment."""
    names = ("service_token_secret", "jwt_issuer", "jwt_audience", "jwt_secret", "public_base_url")
    known = {name.upper(): str(COMPLETE[name]) for name in names}
    known |= {f"{name.upper()}_ADDRESS": town.given[f"{name}_address"] for name in SERVICES}

    async def run(*arguments: str) -> Answer:
        return await asyncio.to_thread(
            angarium, "privacy", *arguments, "--tenant", str(town.tenant_id), "--json", **known
        )

    return run


@pytest.mark.req("CON-50", "CON-51", "CON-52", "CON-53", "W10")
async def test_an_export_is_downloaded_and_an_erasure_ends_with_a_receipt(
    town: Town, ask: Ask, tmp_path: Path
) -> None:
    await town.people(ANNA)
    anna = await town.contact_of(ANNA["external_id"])
    await town.settled()
    asked = await ask("export", "--contact", str(anna), "--verified-by", "passport", "--csv")
    assert asked.code == 0, asked.err
    request_id = asked.document["privacy_request_id"]
    assert asked.document["state"] == "received"
    place = tmp_path / "anna.zip"
    early = await ask("download", request_id, "--out", str(place))
    assert early.code == 1
    assert not place.exists()
    await town.run(request_id)
    loaded = await ask("download", request_id, "--out", str(place))
    assert loaded.code == 0, loaded.err
    assert loaded.document["bytes"] == place.stat().st_size
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    with zipfile.ZipFile(place) as archive:
        assert "campaign/profile.csv" in archive.namelist()
    over = await ask("download", request_id, "--out", str(place))
    assert (over.code, "exists" in over.err) == (1, True)
    unconfirmed = await ask(
        "erase", "--contact", str(anna), "--verified-by", "passport", "--reason", "letter"
    )
    assert unconfirmed.code == 2
    assert f"erase {anna}" in unconfirmed.err
    erasing = asyncio.create_task(
        ask(
            *("erase", "--contact", str(anna), "--verified-by", "passport", "--reason", "letter"),
            *("--confirm", f"erase {anna}", "--receipt", str(tmp_path / "receipt.json"), "--wait", "60"),
        )
    )
    while not (  # noqa: ASYNC110 - another process does it
        rows := await town.rows(
            "SELECT privacy_request_id FROM consent.privacy_request WHERE kind = 'erasure'"
        )
    ):
        await asyncio.sleep(0.1)
    await town.run(str(rows[0][0]))
    erased = await erasing
    assert erased.code == 0, erased.err
    document = json.loads((tmp_path / "receipt.json").read_bytes())
    assert document["privacy_request_id"] == erased.document["privacy_request_id"]
    assert (tmp_path / "receipt.json.jws").read_text() == erased.document["receipt"]["signature"]
    listed = await ask("status")
    assert [(one["kind"], one["state"]) for one in listed.document["requests"]] == [
        ("erasure", "completed"),
        ("export", "completed"),
    ]
    one = await ask("status", request_id)
    assert {part["action"] for part in one.document["parts"]} == {"collect", "assemble"}


@pytest.mark.parametrize("command", ["export", "erase", "status", "download"])
def test_help_shows_examples(angarium: Angarium, command: str) -> None:  # noqa: F811 - the fixture
    answer = angarium("privacy", command, "--help")
    assert answer.code == 0
    assert "Example" in answer.out
