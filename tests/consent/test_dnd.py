"""Do-not-disturb: lists of registries hold as a whole or not at all, and what staff asserts is proved."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import signal
import sys
from base64 import b64encode
from collections.abc import AsyncIterator, Sequence
from typing import Any
from uuid import UUID

import pytest
from psycopg.conninfo import make_conninfo

from angarium.consent.v1 import consent_service_pb2, dnd_service_pb2
from services.common.errors import ServiceError
from services.common.jobs import JobRunner
from services.consent.jobs import jobs
from tests.consent.kit import DAY, SMS, RunningConsent, Tenant, reason

FULL, DELTA = dnd_service_pb2.DndImport.MODE_FULL, dnd_service_pb2.DndImport.MODE_DELTA
COMPLETED, FAILED, RUNNING = (
    dnd_service_pb2.DndImport.STATE_COMPLETED,
    dnd_service_pb2.DndImport.STATE_FAILED,
    dnd_service_pb2.DndImport.STATE_RUNNING,
)
Rows = dnd_service_pb2.DndRows


def requests(
    blocks: Sequence[Rows], mode: int = FULL, registry: str = "DE_TEST", **changes: Any
) -> list[dnd_service_pb2.ImportDndRegistryRequest]:
    """An import with the checksum that the contract asks for."""
    lines = "".join(
        f"{'-' if block.is_removal else ''}{','.join((phone, *block.categories))}\n"
        for block in blocks
        for phone in block.phones
    )
    header = dnd_service_pb2.DndImportHeader(
        **{
            "registry": registry,
            "mode": mode,
            "checksum": hashlib.sha256(lines.encode()).digest(),
            "file_name": "list.txt",
            **changes,
        }
    )
    request = dnd_service_pb2.ImportDndRegistryRequest
    return [request(header=header), *(request(rows=block) for block in blocks)]


async def take(
    tenant: Tenant, blocks: Sequence[Rows], mode: int = FULL, **changes: Any
) -> dnd_service_pb2.DndImport:
    """Imports a list and returns its outcome."""
    calls = tenant.staff()
    responses = await calls.stream(calls.dnd.ImportDndRegistry, requests(blocks, mode, **changes))
    assert len(responses) == len(blocks) + 1
    return responses[-1].dnd_import


async def listed(tenant: Tenant, phone: str, registry: str = "") -> list[dnd_service_pb2.DndListing]:
    calls = tenant.staff()
    found = await calls.call(
        calls.dnd.CheckDnd, dnd_service_pb2.CheckDndRequest(phone=phone, registry=registry)
    )
    assert found.is_listed == bool(found.listings)
    return list(found.listings)


async def imports(tenant: Tenant, **filters: Any) -> list[dnd_service_pb2.DndImport]:
    calls = tenant.staff()
    request = dnd_service_pb2.ListDndImportsRequest(**filters)
    return list((await calls.call(calls.dnd.ListDndImports, request)).dnd_imports)


ONE, TWO, THREE = "+491701000001", "+491701000002", "+491701000003"


@pytest.mark.req("CON-43", "CON-7")
async def test_a_full_list_adds_what_is_new_and_removes_what_is_absent(salon: Tenant) -> None:
    first = await take(salon, [Rows(phones=[ONE, "0170 1000002"])], expected_count=2)
    assert (first.state, first.total_count, first.added_count, first.removed_count) == (COMPLETED, 2, 2, 0)
    assert await listed(salon, TWO)
    salon.consent.clock.advance(DAY)
    second = await take(salon, [Rows(phones=[ONE]), Rows(phones=[THREE, ONE])])
    assert (second.added_count, second.removed_count, second.total_count) == (1, 1, 3)
    assert [bool(await listed(salon, one)) for one in (ONE, TWO, THREE)] == [True, False, True]
    [(kept,)] = await salon.consent.rows("SELECT count(*) FROM dnd_entry WHERE removed_at IS NOT NULL")
    assert kept == 1
    third = await take(salon, [Rows(phones=[TWO])])
    assert (third.added_count, third.removed_count) == (1, 2)


@pytest.mark.req("CON-43", "CON-44")
async def test_a_delta_adds_and_removes_and_the_last_word_on_a_number_counts(salon: Tenant) -> None:
    await take(salon, [Rows(phones=[ONE, TWO])])
    found = await take(
        salon,
        [
            Rows(phones=[THREE, ONE], categories=["bank", "auto"]),
            Rows(phones=[TWO, THREE], is_removal=True),
        ],
        DELTA,
    )
    assert (found.added_count, found.removed_count) == (0, 1)
    assert not await listed(salon, TWO)
    assert not await listed(salon, THREE)
    [listing] = await listed(salon, ONE)
    assert (listing.registry, list(listing.categories)) == ("DE_TEST", ["auto", "bank"])
    assert not await listed(salon, ONE, "DE_OTHER")
    assert await listed(salon, "0170 1000001", "DE_TEST")


@pytest.mark.req("CON-7")
async def test_a_full_list_says_of_a_number_all_that_its_rows_say(salon: Tenant) -> None:
    await take(
        salon,
        [
            Rows(phones=[ONE, TWO], categories=["bank"]),
            Rows(phones=[ONE], categories=["auto"]),
            Rows(phones=[TWO]),
        ],
    )
    [one], [two] = await listed(salon, ONE), await listed(salon, TWO)
    assert (list(one.categories), list(two.categories)) == (["auto", "bank"], [])


@pytest.mark.req("CON-8", "CON-45")
async def test_the_same_list_is_not_imported_twice_and_imports_are_listed(salon: Tenant) -> None:
    blocks = [Rows(phones=[ONE, "nobody", "12"])]
    calls = salon.staff()
    responses = await calls.stream(calls.dnd.ImportDndRegistry, requests(blocks))
    assert [error.index for error in responses[0].errors] == [1, 2]
    with pytest.raises(ServiceError) as caught:
        await take(salon, blocks)
    assert caught.value.reason == "ALREADY_EXISTS"
    await take(salon, blocks, registry="DE_OTHER")
    [other, first] = await imports(salon)
    assert (first.registry, first.file_name, first.mode, first.state) == (
        "DE_TEST",
        "list.txt",
        FULL,
        COMPLETED,
    )
    assert (first.total_count, first.added_count, first.invalid_count) == (3, 1, 2)
    assert (first.requested_by, first.checksum) == ("anna", responses[-1].dnd_import.checksum)
    assert first.HasField("end_time")
    assert [one.dnd_import_id for one in await imports(salon, registry="DE_OTHER")] == [other.dnd_import_id]
    page = await calls.call(calls.dnd.ListDndImports, dnd_service_pb2.ListDndImportsRequest(page_size=1))
    assert [one.dnd_import_id for one in page.dnd_imports] == [other.dnd_import_id]
    [rest] = await imports(salon, page_size=1, page_token=page.next_page_token)
    assert rest == first


@pytest.mark.parametrize(
    ("blocks", "mode", "changes", "field"),
    [
        ([Rows(phones=[ONE])], FULL, {"checksum": bytes(32)}, "header.checksum"),
        ([Rows(phones=[ONE])], FULL, {"expected_count": 2}, "header.expected_count"),
        ([Rows(phones=["nobody"])], FULL, {}, "rows"),
        ([], FULL, {}, "rows"),
        ([Rows(phones=[ONE], is_removal=True)], FULL, {}, "rows.is_removal"),
        ([Rows(phones=[ONE], is_removal=True, categories=["x"])], DELTA, {}, "rows.categories"),
        ([Rows(phones=[])], FULL, {}, "rows.phones"),
    ],
)
@pytest.mark.req("CON-8")
async def test_a_list_that_is_not_what_was_announced_changes_nothing(
    salon: Tenant, blocks: list[Rows], mode: int, changes: dict[str, Any], field: str
) -> None:
    await take(salon, [Rows(phones=[TWO])])
    with pytest.raises(ServiceError) as caught:
        await take(salon, blocks, mode, **changes)
    assert [violation.field for violation in caught.value.violations] == [field]
    assert await listed(salon, TWO)
    assert not await listed(salon, ONE)
    broken, _ = await imports(salon)
    assert broken.state == FAILED
    assert broken.error


@pytest.mark.req("CON-8")
async def test_a_stream_that_breaks_off_leaves_a_failed_import_and_nothing_else(salon: Tenant) -> None:
    await take(salon, [Rows(phones=[TWO])])
    calls = salon.staff()
    first, second = requests([Rows(phones=[ONE])])
    stay = asyncio.Event()

    async def send() -> AsyncIterator[dnd_service_pb2.ImportDndRegistryRequest]:
        yield first
        yield second
        await stay.wait()

    call = calls.dnd.ImportDndRegistry(send(), metadata=calls.metadata, timeout=20)
    response = await call.read()
    assert (response.dnd_import.state, response.dnd_import.total_count) == (RUNNING, 1)
    with pytest.raises(ServiceError) as caught:
        await take(salon, [Rows(phones=[THREE])])
    assert (caught.value.reason, caught.value.metadata["reason"]) == ("VERSION_CONFLICT", "IN_PROGRESS")
    assert (await take(salon, [Rows(phones=[THREE])], registry="DE_OTHER")).state == COMPLETED
    assert (await imports(salon, registry="DE_TEST"))[0].state == RUNNING
    call.cancel()
    for _ in range(100):
        broken = (await imports(salon, registry="DE_TEST"))[0]
        if broken.state == FAILED:
            break
        await asyncio.sleep(0.05)
    assert (broken.state, broken.error) == (FAILED, "the caller broke the stream off")
    assert not await listed(salon, ONE, "DE_TEST")
    assert await listed(salon, TWO)
    # The same list may come again, for nothing of it holds.
    assert (await take(salon, [Rows(phones=[ONE])])).state == COMPLETED


@pytest.mark.req("CON-8")
async def test_a_process_that_is_killed_leaves_a_failed_import_and_nothing_else(salon: Tenant) -> None:
    settings = salon.consent.settings
    given = {
        "keys": ",".join(f"{name}:{b64encode(key).decode()}" for name, key in settings.hash_keys),
        "conninfo": make_conninfo(
            host=settings.db_host,
            port=settings.db_port,
            dbname=settings.db_name,
            user=settings.db_user,
            password=settings.db_password.get_secret_value(),
        ),
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.consent.importing",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(json.dumps(given).encode())
    process.stdin.close()
    for _ in range(5):
        assert await process.stdout.readline()
    assert (await imports(salon))[0].state == RUNNING
    os.kill(process.pid, signal.SIGKILL)
    await process.wait()
    # Its lease would end by itself after 20 seconds.
    async with salon.consent.database.system() as uow:
        await uow.execute("UPDATE lease SET expires_at = clock_timestamp() WHERE name = 'dnd:DE_TEST'")
    [broken] = await imports(salon)
    assert (broken.state, broken.error) == (FAILED, "broke off: the process that read it ended")
    assert await salon.consent.rows("SELECT count(*) FROM dnd_entry") == [(0,)]
    assert (await take(salon, [Rows(phones=[ONE])])).state == COMPLETED
    assert [one.state for one in await imports(salon)] == [COMPLETED, FAILED]
    assert await salon.consent.rows("SELECT status FROM dnd_import ORDER BY dnd_import_id") == [
        ("failed",),
        ("completed",),
    ]


@pytest.mark.req("CON-75", "CON-88", "CON-121")
async def test_a_list_decides_from_the_moment_it_holds_and_an_old_one_stops_all(salon: Tenant) -> None:
    await salon.settle(dnd_registries=["DE_TEST"])
    contact_id = await salon.contact()
    await salon.grant(contact_id, SMS)
    assert reason(await salon.decide(contact_id, channel=SMS)) == "dnd_stale"
    await take(salon, [Rows(phones=[ONE])])
    assert reason(await salon.decide(contact_id, channel=SMS)) == "allow"
    await take(salon, [Rows(phones=[salon.phone(contact_id)])], DELTA)
    assert reason(await salon.decide(contact_id, channel=SMS)) == "dnd_registered"
    await take(salon, [Rows(phones=[salon.phone(contact_id)], is_removal=True)], DELTA)
    assert reason(await salon.decide(contact_id, channel=SMS)) == "allow"
    salon.consent.clock.advance(8 * DAY)
    assert reason(await salon.decide(contact_id, channel=SMS)) == "dnd_stale"


@pytest.mark.req("JOB-33")
async def test_registries_without_a_fresh_list_are_told_of_daily(
    salon: Tenant, caplog: pytest.LogCaptureFixture
) -> None:
    await salon.settle(dnd_registries=["DE_TEST", "DE_NEVER"])
    await take(salon, [Rows(phones=[ONE])])
    await take(salon, [Rows(phones=[ONE])], registry="DE_UNUSED")
    runner = JobRunner(salon.consent.database, jobs(), salon.consent.clock)

    async def told() -> tuple[int, int, str]:
        caplog.clear()
        counts = await runner.run_now("dnd_freshness")
        assert counts is not None
        return counts.seen, counts.done, caplog.text

    seen, stale, text = await told()
    assert (seen, stale) == (3, 1)
    assert "the newest list of DE_NEVER is missing: 1 tenants that obey it" in text
    salon.consent.clock.advance(8 * DAY)
    seen, stale, text = await told()
    assert (seen, stale) == (3, 2)
    assert "the newest list of DE_TEST is of" in text


@pytest.mark.req("EVT-113")
async def test_an_import_that_holds_is_told_to_all(salon: Tenant) -> None:
    await take(salon, [Rows(phones=[ONE])])
    [(tenant_id, aggregate)] = await salon.consent.rows(
        "SELECT tenant_id, aggregate_id FROM outbox WHERE type = 'dnd.import_completed'"
    )
    assert (tenant_id, aggregate) == (UUID(int=0), "DE_TEST")


@pytest.mark.req("CON-46")
async def test_staff_asserts_do_not_disturb_and_takes_it_back(salon: Tenant) -> None:
    contact_id = await salon.contact()
    await salon.grant(contact_id, SMS)
    calls = salon.staff()
    request = dnd_service_pb2.SetContactDndRequest(
        contact_id=str(contact_id), is_dnd=True, reason="asked in the shop", idempotency_key="k"
    )
    assert (await calls.call(calls.dnd.SetContactDnd, request)).summary.is_dnd
    assert (await calls.call(calls.dnd.SetContactDnd, request)).deduplicated
    assert reason(await salon.decide(contact_id, channel=SMS)) == "dnd_registered"
    trail = await calls.call(
        calls.consents.ListConsentAudit,
        consent_service_pb2.ListConsentAuditRequest(contact_id=str(contact_id)),
    )
    entry = trail.entries[0]
    assert (entry.field_changed, entry.old_value, entry.new_value) == ("is_dnd", "false", "true")
    assert (entry.change_source, entry.change_reason, entry.created_by) == (
        "staff",
        "asked in the shop",
        "anna",
    )
    back = dnd_service_pb2.SetContactDndRequest(
        contact_id=str(contact_id), is_dnd=False, reason="changed mind"
    )
    assert not (await calls.call(calls.dnd.SetContactDnd, back)).summary.is_dnd
    assert reason(await salon.decide(contact_id, channel=SMS)) == "allow"
    [(events,)] = await salon.consent.rows("SELECT count(*) FROM outbox WHERE type = 'consent.updated'")
    assert events == 3


async def test_only_who_may_imports_lists(consent: RunningConsent, salon: Tenant) -> None:
    calls = salon.staff("receptionist")
    with pytest.raises(ServiceError) as caught:
        await calls.stream(calls.dnd.ImportDndRegistry, requests([Rows(phones=[ONE])]))
    assert caught.value.reason == "PERMISSION_DENIED"
    assert not await consent.rows("SELECT FROM dnd_import")


async def test_an_import_begins_with_its_header_and_has_one(salon: Tenant) -> None:
    calls = salon.staff()
    header, rows = requests([Rows(phones=[ONE])])
    for sent in ([], [rows], [header, header]):
        with pytest.raises(ServiceError) as caught:
            await calls.stream(calls.dnd.ImportDndRegistry, sent)
        assert caught.value.violations[0].field == "header"


@pytest.mark.req("REL-17")
async def test_another_tenant_sees_that_a_registry_was_imported_but_not_by_whom_or_from_what(
    salon: Tenant, consent: RunningConsent
) -> None:
    await take(salon, [Rows(phones=[ONE])])
    [ours] = await imports(salon)
    [theirs] = await imports(await consent.tenant())
    assert (ours.requested_by, bool(ours.file_name)) == ("anna", True)
    assert (theirs.dnd_import_id, theirs.total_count) == (ours.dnd_import_id, 1)
    assert (theirs.requested_by, theirs.file_name) == ("", "")
