import asyncio
from datetime import timedelta
from uuid import uuid4

import psycopg
import pytest
from google.protobuf.struct_pb2 import Struct
from google.protobuf.wrappers_pb2 import StringValue

from services.common.errors import ServiceError
from services.common.idempotency import delete_expired, once
from services.common.rpc.context import Caller, bind

INSERT = "INSERT INTO thing (tenant_id, thing_id, name, created_at) VALUES (%s, gen_random_uuid(), %s, now())"
ADA = "ada"


def body(**fields) -> Struct:
    request = Struct()
    request.update(fields)
    return request


async def call(database, tenant, key, request, *, subject=ADA, method="Things.Make", hold=None, fail=False):
    """Makes a thing once; `hold` is awaited inside the transaction."""
    with bind(Caller("service", subject, tenant, frozenset())):
        async with database.tenant(tenant) as uow:

            async def effect() -> StringValue:
                await uow.execute(INSERT, (tenant, key))
                if hold:
                    await hold()
                if fail:
                    raise ServiceError("NOT_FOUND", "no such thing")
                return StringValue(value=str(uuid4()))

            return await once(
                uow, method=method, key=key, request=request, response_type=StringValue, effect=effect
            )


async def effects(database, tenant) -> int:
    async with database.tenant(tenant) as uow:
        return await uow.fetch_value("SELECT count(*) FROM thing")


@pytest.mark.req("GEN-29", "API-11")
async def test_the_same_call_again_gives_the_same_answer_without_a_second_effect(database):
    tenant = uuid4()
    first, repeated = await call(database, tenant, "k", body(a=1, b="x"))
    again, deduplicated = await call(database, tenant, "k", body(b="x", a=1))
    assert (first, repeated, deduplicated) == (again, False, True)
    assert await effects(database, tenant) == 1


@pytest.mark.req("GEN-29", "API-11")
async def test_the_same_key_with_another_body_is_refused(database):
    tenant = uuid4()
    await call(database, tenant, "k", body(a=1))
    with pytest.raises(ServiceError) as caught:
        await call(database, tenant, "k", body(a=2))
    assert caught.value.reason == "IDEMPOTENCY_CONFLICT"
    assert await effects(database, tenant) == 1


@pytest.mark.req("GEN-29")
async def test_keys_of_other_tenants_callers_and_methods_are_other_keys(database):
    tenant = uuid4()
    await call(database, tenant, "k", body())
    for other in ({"subject": "bob"}, {"method": "Things.Break"}):
        assert not (await call(database, tenant, "k", body(), **other))[1]
    assert not (await call(database, uuid4(), "k", body()))[1]
    assert await effects(database, tenant) == 3


@pytest.mark.req("GEN-29")
async def test_while_the_first_call_runs_a_repeat_is_told_so_at_once(database):
    tenant, inside, go_on = uuid4(), asyncio.Event(), asyncio.Event()

    async def hold() -> None:
        inside.set()
        await go_on.wait()

    first = asyncio.create_task(call(database, tenant, "k", body(), hold=hold))
    await inside.wait()
    async with asyncio.timeout(2):
        with pytest.raises(ServiceError) as caught:
            await call(database, tenant, "k", body())
    assert (caught.value.reason, caught.value.metadata) == ("VERSION_CONFLICT", {"reason": "IN_PROGRESS"})
    go_on.set()
    answer, _ = await first
    assert await call(database, tenant, "k", body()) == (answer, True)


@pytest.mark.req("GEN-29")
async def test_a_failed_call_releases_its_key(database):
    tenant = uuid4()
    with pytest.raises(ServiceError):
        await call(database, tenant, "k", body(), fail=True)
    assert await effects(database, tenant) == 0
    assert not (await call(database, tenant, "k", body()))[1]
    assert await effects(database, tenant) == 1


@pytest.mark.req("GEN-29", "REL-2")
async def test_thirty_calls_at_once_with_ten_keys_have_ten_effects_and_ten_answers(open_database, owner_url):
    databases = [await open_database(owner_url, "sample", pool_min=5, pool_max=10) for _ in range(3)]
    tenant = uuid4()
    answers: dict[str, set[str]] = {}
    refusals: list[dict[str, str]] = []

    async def insist(database, key: str) -> None:
        while True:
            try:
                answer, _ = await call(database, tenant, key, body(key=key))
            except ServiceError as error:
                refusals.append(error.metadata)
                await asyncio.sleep(0.01)
            else:
                answers.setdefault(key, set()).add(answer.value)
                return

    await asyncio.gather(*(insist(databases[n % 3], f"key-{n % 10}") for n in range(30)))
    assert await effects(databases[0], tenant) == 10
    assert sorted(map(len, answers.values())) == [1] * 10
    assert all(refusal == {"reason": "IN_PROGRESS"} for refusal in refusals)


@pytest.mark.req("GEN-29", "REL-2")
async def test_answers_are_kept_for_24_hours_and_then_the_key_is_free(database, clock):
    tenant = uuid4()
    await call(database, tenant, "k", body(a=1))
    clock.advance(timedelta(hours=23, minutes=59))
    assert (await call(database, tenant, "k", body(a=1)))[1]
    clock.advance(timedelta(minutes=1))
    assert not (await call(database, tenant, "k", body(a=2)))[1]
    assert (await call(database, tenant, "k", body(a=2)))[1]


@pytest.mark.req("REL-2")
async def test_a_call_that_died_left_neither_effect_nor_key_and_one_that_ended_left_its_answer(
    open_database, owner_url
):
    """A process dies before its commit, then after it with the answer on its way; another process is asked again."""
    tenant = uuid4()
    dying, other = [await open_database(owner_url, "sample", pool_min=1, pool_max=2) for _ in range(2)]

    async def die() -> None:
        with psycopg.connect(owner_url, autocommit=True) as owner:
            owner.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted"
                " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
            )

    with pytest.raises(Exception):  # noqa: B017, PT011 - however a lost connection is told
        await call(dying, tenant, "k", body(), hold=die)
    assert await effects(other, tenant) == 0
    answer, deduplicated = await call(other, tenant, "k", body())
    assert not deduplicated
    assert await call(dying, tenant, "k", body()) == (answer, True)
    assert await effects(dying, tenant) == 1


async def test_expired_answers_are_removed_in_batches(database, clock):
    for n in range(5):
        await call(database, uuid4(), str(n), body())
    clock.advance(timedelta(hours=24))
    await call(database, uuid4(), "new", body())
    async with database.system() as uow:
        assert [await delete_expired(uow, 3) for _ in range(3)] == [3, 2, 0]


async def test_without_a_key_every_call_has_its_effect(database):
    tenant = uuid4()
    for _ in range(2):
        assert not (await call(database, tenant, "", body()))[1]
    assert await effects(database, tenant) == 2


async def test_the_key_itself_is_no_part_of_what_is_compared(database):
    from angarium.consent.v1 import consent_service_pb2

    requests = [kind for kind in vars(consent_service_pb2).values() if hasattr(kind, "DESCRIPTOR")]
    [keyed, *_] = [
        kind for kind in requests if "idempotency_key" in getattr(kind.DESCRIPTOR, "fields_by_name", ())
    ]
    tenant = uuid4()
    await call(database, tenant, "k", keyed(idempotency_key="k"))
    assert (await call(database, tenant, "k", keyed(idempotency_key="spelled otherwise")))[1]
