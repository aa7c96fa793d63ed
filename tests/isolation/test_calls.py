"""No method of any service lets a tenant read, change, count or infer what another has; a new one is covered at once.

Tenants are planted whole: all that one has answers to one id. Each method is called with another tenant's id at each
place of its request that can name something, and answers as it does for an id that is nowhere. That it was asked for
in earnest is seen from the other side: the id's own tenant is answered otherwise.
"""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, groupby
from typing import Any
from uuid import UUID, uuid4

import grpc.aio
import psycopg
import pytest
import structlog
from google.protobuf.descriptor import MethodDescriptor
from google.protobuf.message_factory import GetMessageClass

from services.common.rpc.access import access_of
from services.common.rpc.authentication import TENANT_KEY, TENANT_PERMISSION
from services.common.security.jwt import issue_person
from services.common.security.permissions import PLATFORM_ADMIN, SUPER_OWNER
from tests.house import SERVICES, Served, serving, settings_for
from tests.isolation.calling import UNANSWERED, alike, answer, metadata
from tests.isolation.exceptions import ADMINISTERED, BLIND, SHARED
from tests.isolation.planting import Planted, plant, strangers, tenant_tables
from tests.isolation.requests import Place, path, places, request

_AT_ONCE = 8
_GLANCE, _LOOK = 0.1, 1.0


@dataclass(frozen=True)
class Probe:
    """A method, the place of its request that is asked about, and the tenants who ask."""

    method: MethodDescriptor
    place: Place | None
    curious: Planted
    alone: Planted
    owner: Planted

    def __str__(self) -> str:
        return f"{self.method.full_name.removeprefix('angarium.')} {path(self.place) if self.place else '-'}"


@dataclass(frozen=True)
class Found:
    """How a probe was answered."""

    probe: Probe
    foreign: str
    """About the id of another tenant."""
    nowhere: str
    """About an id that is nowhere."""
    is_told: bool = False
    """Whether the id's own tenant is answered otherwise."""


@pytest.fixture
def quiet() -> Iterator[None]:
    """Writes no log: what is planted in place of secrets makes for many long lines."""

    def drop(*_: Any) -> Any:
        raise structlog.DropEvent

    before = structlog.get_config()
    structlog.configure(processors=[drop])
    yield
    structlog.configure(**before)


@pytest.fixture
async def served(
    clone_database: Callable[[Iterable[str]], str], redis_url: str, service: str, quiet: None
) -> AsyncIterator[tuple[Served, str]]:
    url = clone_database([service])
    cls: Any = getattr(
        importlib.import_module(f"services.{service}.settings"), f"{service.capitalize()}Settings"
    )
    build: Any = importlib.import_module(f"services.{service}.bootstrap").build
    settings = settings_for(cls, url, redis_url, service, enable_rate_limiting=False)
    async with serving(build, settings) as running:
        yield running, url


@pytest.mark.req("REL-17", "SEC-6", "GEN-8")
@pytest.mark.parametrize("service", SERVICES)
async def test_a_tenant_is_told_of_another_s_things_what_it_is_told_of_things_that_are_nowhere(
    served: tuple[Served, str], service: str
) -> None:
    running, url = served
    [victim] = strangers(1)
    probes = list(probes_of(running))
    with psycopg.connect(url, autocommit=True) as owner:
        owner.execute("SET session_replication_role = replica")
        tables = tenant_tables(owner, service)
        everybody = [victim, *(one for probe in probes for one in (probe.curious, probe.alone, probe.owner))]
        for table in tables:
            plant(owner, service, table, everybody)
        before = prints(owner, service, tables, victim.tenant_id)

        found = await ask_all(running, probes, victim)

        assert prints(owner, service, tables, victim.tenant_id) == before
    assert [
        f"{one.probe}\n {one.foreign}\n {one.nowhere}" for one in found if one.foreign != one.nowhere
    ] == []
    asked = {one.probe.method.full_name for one in found if one.probe.place}
    told = {one.probe.method.full_name for one in found if one.is_told}
    assert asked - told - set(map(full_name, BLIND)) == set()


@pytest.mark.req("REL-17", "SEC-37")
@pytest.mark.parametrize("service", SERVICES)
async def test_only_the_deployment_s_own_methods_are_closed_to_everybody_of_a_tenant(
    served: tuple[Served, str], service: str
) -> None:
    running, _ = served
    closed = {
        method.full_name.removeprefix("angarium.")
        for method in methods(running)
        if metadata(running, method, uuid4()) is None
    }
    known = {method.full_name.removeprefix("angarium.") for method in methods(running)}
    assert closed == ADMINISTERED.keys() & known


@pytest.mark.req("REL-17", "SEC-2", "SEC-37")
@pytest.mark.parametrize("service", SERVICES)
async def test_no_person_acts_for_another_tenant_whatever_the_role_unless_to_manage_it(
    served: tuple[Served, str], service: str
) -> None:
    running, _ = served
    answers: dict[str, set[str]] = {}
    async with grpc.aio.insecure_channel(running.address) as channel:
        for role in (SUPER_OWNER, PLATFORM_ADMIN):
            token = issue_person(running.settings, uuid4(), "anna", [role], [])
            credential = (("authorization", f"Bearer {token}"), (TENANT_KEY, str(uuid4())))
            for method in methods(running):
                access = access_of(method)
                if not access.public and not (
                    role == PLATFORM_ADMIN and access.permission == TENANT_PERMISSION
                ):
                    empty = GetMessageClass(method.input_type)()
                    told = await answer(channel, method, empty, credential, patience=_LOOK)
                    answers.setdefault(told.partition(" ")[0], set()).add(method.full_name)
    assert answers.keys() == {"PERMISSION_DENIED"}


def methods(served: Served) -> Iterator[MethodDescriptor]:
    for registration in served.service.registrations:
        yield from registration.descriptor.methods


def probes_of(served: Served) -> Iterator[Probe]:
    """A probe for each method as it is, and one for each place of its request."""
    for method in methods(served):
        name = method.full_name.removeprefix("angarium.")
        if name not in ADMINISTERED and name not in SHARED:
            for place in (None, *places(method.input_type)):
                yield Probe(method, place, *strangers(3))


async def ask_all(served: Served, probes: list[Probe], victim: Planted) -> list[Found]:
    turns = asyncio.Semaphore(_AT_ONCE)
    async with grpc.aio.insecure_channel(served.address) as channel:

        async def of_method(own: list[Probe]) -> list[Found]:
            async with turns:
                found: list[Found] = []
                for probe in own:
                    found.append(await ask(served, channel, probe, victim, any(one.is_told for one in found)))
                return found

        by_method = groupby(probes, key=lambda probe: probe.method.full_name)
        return list(chain(*await asyncio.gather(*(of_method(list(own)) for _, own in by_method))))


async def ask(
    served: Served, channel: grpc.aio.Channel, probe: Probe, victim: Planted, is_known_to_tell: bool
) -> Found:
    """Asks of another tenant's id, of one that is nowhere and, unless that is settled, of the own.

    The id that is nowhere differs in its last digits only, so that lists that begin behind it begin where they did.
    """
    nobody = UUID(int=victim.id.int ^ 0xFFFF)

    async def answered(asking: Planted, asked: UUID, patience: float) -> str:
        made = request(probe.method, str(asking.id), probe.place, str(asked))
        credential = metadata(served, probe.method, asking.tenant_id)
        told = await answer(channel, probe.method, made, credential, patience=patience)
        return told if probe.place is None else alike(told, asked, asking.id)

    foreign = await answered(probe.curious, victim.id, _GLANCE)
    if probe.place is None:
        # Nothing was asked of the other tenant, so nothing may be told of it.
        return Found(probe, str(str(victim.id) in foreign.lower()), str(False))
    nowhere = await answered(probe.alone, nobody, _GLANCE)
    own = nowhere if is_known_to_tell else await answered(probe.owner, probe.owner.id, _LOOK)
    return Found(probe, foreign, nowhere, own != nowhere and UNANSWERED not in (own, nowhere))


def full_name(name: str) -> str:
    return f"angarium.{name}"


def prints(
    owner: psycopg.Connection, service: str, tables: list[str], tenant_id: UUID
) -> dict[str, tuple[int, str]]:
    """How many rows a tenant has in each table, and their common fingerprint."""
    found = {}
    for table in tables:
        row = owner.execute(
            f"SELECT count(*), md5(string_agg(t::text, '|' ORDER BY t::text)) FROM {service}.{table} t WHERE tenant_id = %s",
            (tenant_id,),
        ).fetchone()
        assert row is not None
        assert row[0] > 0, table
        found[table] = row
    return found
