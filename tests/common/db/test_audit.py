from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import Enum
from uuid import uuid4

import pytest

from services.common.audit import AuditFilter, list_entries, masked, record
from services.common.rpc.context import Caller, bind


class Colour(Enum):
    RED = "red"


async def write(database, tenant, action="thing.update", actor="ada", resource_id="1", **state) -> None:
    with bind(Caller("person", actor, tenant, frozenset({"super_owner"})), request_id="request-1"):
        async with database.tenant(tenant) as uow:
            await record(
                uow,
                action=action,
                resource_type="thing",
                resource_id=resource_id,
                before=None,
                after=state or None,
            )


@pytest.mark.req("GEN-34")
async def test_an_entry_tells_who_did_what_to_which_thing_in_which_request(database, clock):
    tenant = uuid4()
    await write(database, tenant, name="new")
    async with database.tenant(tenant) as uow:
        [entry] = await list_entries(uow, AuditFilter())
    assert (entry.actor, entry.roles, entry.action) == ("ada", ("super_owner",), "thing.update")
    assert (entry.resource_type, entry.resource_id, entry.request_id) == ("thing", "1", "request-1")
    assert (entry.before, entry.after, entry.created_at) == (None, {"name": "new"}, clock.now())


@pytest.mark.req("GEN-34")
async def test_an_entry_of_a_change_that_failed_is_not_written(database):
    tenant = uuid4()
    with pytest.raises(ZeroDivisionError):  # noqa: PT012 - the transaction is what ends by it
        async with database.tenant(tenant) as uow:
            await record(uow, action="a", resource_type="b", resource_id="c", before=None, after=None)
            raise ZeroDivisionError
    async with database.tenant(tenant) as uow:
        assert await list_entries(uow, AuditFilter()) == []


@pytest.mark.req("GEN-34", "GEN-8")
async def test_entries_are_listed_newest_first_by_filter_and_only_for_their_tenant(database, clock):
    tenant, start = uuid4(), clock.now()
    for n in range(6):
        await write(
            database, tenant, "thing.update" if n % 2 else "thing.make", "ada" if n < 3 else "bob", str(n)
        )
        clock.advance(timedelta(minutes=1))
    await write(database, uuid4(), "thing.secret")

    async def ids(wanted: AuditFilter, **page) -> str:
        async with database.tenant(tenant) as uow:
            return "".join(entry.resource_id for entry in await list_entries(uow, wanted, **page))

    assert await ids(AuditFilter()) == "543210"
    assert await ids(AuditFilter(actor="ada")) == "210"
    assert await ids(AuditFilter(action="thing.make", actor="bob")) == "4"
    assert await ids(AuditFilter(resource_type="thing", resource_id="3")) == "3"
    assert (
        await ids(AuditFilter(start=start + timedelta(minutes=1), end=start + timedelta(minutes=3))) == "21"
    )
    async with database.tenant(tenant) as uow:
        page = await list_entries(uow, AuditFilter(), limit=2)
    assert await ids(AuditFilter(), before=page[-1].audit_id, limit=2) == "32"


@pytest.mark.req("GEN-34", "GEN-35")
def test_secrets_and_personal_values_never_reach_the_trail():
    state = {
        "api_key": "SG.abc",
        "credentials": {"user": "u", "password": "p"},
        "webhook_secret": b"raw",
        "first_name": "Ada",
        "note_to": "write to ada@example.com or +4915112345678",
        "members": [{"email": "ada@example.com"}],
        "blob": b"bytes",
        "enabled": True,
        "limit": 5,
        "price": Decimal("1.50"),
        "colour": Colour.RED,
        "at": datetime(2026, 1, 1, tzinfo=UTC),
        "nothing": None,
        "long": "x" * 600,
    }
    shown = masked(state)
    text = str(shown)
    for secret in ("SG.abc", "'p'", "raw", "Ada", "ada@", "15112345", "bytes"):
        assert secret not in text
    assert shown["members"] == [{"email": "a***@example.com"}]
    assert shown["note_to"] == "write to a***@example.com or +491****78"
    assert (shown["enabled"], shown["limit"], shown["price"], shown["colour"]) == (True, 5, "1.50", "red")
    assert (shown["at"], shown["nothing"], len(shown["long"])) == ("2026-01-01T00:00:00+00:00", None, 500)
