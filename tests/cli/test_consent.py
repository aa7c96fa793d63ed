"""`angarium consent` and `angarium import dnd` against a running service."""

from __future__ import annotations

import asyncio
import hashlib
import json
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from pathlib import Path
from typing import Any
from uuid import UUID

import jwt
import psycopg
import pytest

from angarium.common.v1 import enums_pb2
from angarium.consent.v1 import consent_pb2, consent_service_pb2, consent_service_pb2_grpc
from cli.importing import registry
from services.consent.bootstrap import build
from services.consent.settings import ConsentSettings
from tests.cli.conftest import Angarium, Answer
from tests.common.given import COMPLETE
from tests.house import Served, serving, settings_for

Ask = Callable[..., Awaitable[Answer]]


@pytest.fixture
def owner_url(clone_database: Callable[[Iterable[str]], str]) -> str:
    return clone_database(["consent"])


@pytest.fixture
async def consent(owner_url: str, redis: Any, redis_url: str) -> AsyncIterator[Served]:
    settings = settings_for(ConsentSettings, owner_url, redis_url, "consent")
    async with serving(build, settings) as served:
        yield served


@pytest.fixture
def ask(angarium: Angarium, consent: Served) -> Ask:
    """Runs a command that finds the service, and nothing else, by its environment."""
    names = ("service_token_secret", "jwt_issuer", "jwt_audience", "jwt_secret", "public_base_url")
    known = {
        name.upper(): str(COMPLETE[name])
        for name in (*names, "campaign_address", "delivery_address", "analytics_address")
    }

    async def run(*arguments: str) -> Answer:
        return await asyncio.to_thread(angarium, *arguments, CONSENT_ADDRESS=consent.address, **known)

    return run


async def grant(consent: Served, address: str) -> None:
    stub = consent.caller(consent_service_pb2_grpc.ConsentServiceStub, "campaign")
    await stub.GrantConsent(
        consent_service_pb2.GrantConsentRequest(
            subject=consent_pb2.Subject(address=address),
            channel=enums_pb2.CHANNEL_EMAIL,
            message_class=enums_pb2.MESSAGE_CLASS_TRANSACTIONAL,
            source=consent_pb2.CONSENT_SOURCE_WEB_FORM,
        )
    )


def checked_by_openssl(files: dict[str, Path]) -> bool:
    command = ["openssl", "pkeyutl", "-verify", "-pubin", "-rawin", "-inkey", files["pem"]]
    command += ["-in", files["signed"], "-sigfile", files["sig"]]
    return subprocess.run(command, check=False, capture_output=True).returncode == 0


async def test_a_receipt_is_written_with_all_that_checks_it(
    consent: Served, ask: Ask, tmp_path: Path
) -> None:
    await grant(consent, "ann@example.com")
    place = tmp_path / "ann"
    answer = await ask(
        "consent",
        "receipt",
        "--address",
        "ann@example.com",
        "--tenant",
        str(consent.tenant_id),
        "--out",
        str(place),
        "--json",
    )
    assert answer.code == 0, answer.err
    files = {name: Path(path) for name, path in answer.document["files"].items()}
    assert checked_by_openssl(files)
    header, _, signature = files["jws"].read_text().split(".")
    signed = files["signed"].read_text()
    assert signed.split(".")[0] == header
    payload = jwt.decode_complete(
        f"{signed}.{signature}", files["pem"].read_text(), algorithms=["EdDSA"], options={"verify_aud": False}
    )["payload"]
    assert payload == json.loads(files["json"].read_text())
    assert payload["chains"][0]["entries"][0]["entry"]["new_value"] == "granted"


async def test_verifying_says_whole_or_names_what_is_wrong_and_fails(
    consent: Served, ask: Ask, owner_url: str
) -> None:
    await grant(consent, "ann@example.com")
    await grant(consent, "ben@example.com")
    tenant = str(consent.tenant_id)
    whole = await ask("consent", "verify", "--tenant", tenant, "--json")
    assert (whole.code, whole.document) == (0, {"entries": 2, "chains": 2, "findings": [], "whole": True})
    assert "Whole: nothing was altered" in (await ask("consent", "verify", "--tenant", tenant)).out
    with psycopg.connect(owner_url) as connection:
        connection.execute(
            "UPDATE consent.consent_audit SET new_value = 'revoked' WHERE consent_audit_id ="
            " (SELECT max(consent_audit_id::text)::uuid FROM consent.consent_audit)"
        )
    broken = await ask("consent", "verify", "--tenant", tenant, "--json")
    assert broken.code == 1
    [finding] = broken.document["findings"]
    assert (finding["fault"], finding["sequence"], bool(UUID(finding["entry_id"]))) == ("altered", 1, True)
    said = await ask("consent", "verify", "--tenant", tenant)
    assert said.code == 1
    assert "the content is not what was recorded" in said.out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("consent", "receipt", "--tenant", str(UUID(int=1))), "--contact <id>"),
        (("consent", "receipt", "--contact", "x", "--tenant", str(UUID(int=1))), "--contact 'x' is no id"),
        (("consent", "verify"), "--tenant <id>"),
        (("import", "dnd", "nowhere.txt", "--registry", "IN_X", "--mode", "full"), "There is no file"),
    ],
)
def test_what_cannot_work_is_refused_with_the_mend(
    angarium: Angarium, arguments: tuple[str, ...], said: str
) -> None:
    answer = angarium(*arguments)
    assert answer.code == 2
    assert said in answer.err


@pytest.mark.parametrize("command", [("consent", "receipt"), ("consent", "verify"), ("import", "dnd")])
def test_help_shows_examples(angarium: Angarium, command: tuple[str, ...]) -> None:
    answer = angarium(*command, "--help")
    assert answer.code == 0
    assert "Examples" in answer.out


async def test_a_registry_is_imported_from_a_file_and_bad_lines_are_told(
    consent: Served, ask: Ask, tmp_path: Path
) -> None:
    file = tmp_path / "ncpr.txt"
    file.write_text("# made on Monday\n+919876543210\n9876543211,bank\n\nnobody\n")
    imported = await ask("import", "dnd", str(file), "--registry", "IN_NCPR", "--mode", "full", "--json")
    assert imported.code == 0, imported.err
    document = imported.document
    assert (document["rows"], document["added"], document["removed"], document["invalid"]) == (3, 2, 0, 1)
    assert document["invalid_lines"] == [5]
    again = await ask("import", "dnd", str(file), "--registry", "IN_NCPR", "--mode", "full")
    assert again.code == 1
    assert "already" in again.err.lower()
    file.write_text("-+919876543210\n+919876543212\n")
    changed = await ask("import", "dnd", str(file), "--registry", "IN_NCPR", "--mode", "delta")
    assert "2 rows   listed 1   removed 1   no numbers 0" in changed.out


def test_the_checksum_of_a_plain_file_is_that_of_its_bytes(tmp_path: Path) -> None:
    file = tmp_path / "list.txt"
    file.write_bytes(b"+919876543210\n-+919876543211\n+919876543212,bank,auto\n")
    assert registry.measure(file) == (3, hashlib.sha256(file.read_bytes()).digest())
