"""Whatever a method is asked, it answers, or refuses by a reason of the contract: none falls over (REL-16, REL-23)."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from random import Random
from uuid import uuid4

import grpc
import pytest
import pytest_asyncio

from angarium.campaign.v1 import (
    contact_pb2,
    contact_service_pb2,
    contact_service_pb2_grpc,
    settings_service_pb2,
    settings_service_pb2_grpc,
)
from services.common.db.testing import TemplateDatabases
from services.common.security.permissions import PLATFORM_ADMIN
from tests.fuzz.calling import Asked, Caller, methods, path
from tests.fuzz.pool import Pool
from tests.house import SERVICES, Served, whole_house

pytestmark = pytest.mark.asyncio(loop_scope="module")

EACH = int(os.environ.get("FUZZ_EACH", "4"))
"""Requests of each method; more of them, and other seeds, find more."""
SEED = os.environ.get("FUZZ_SEED", "angarium")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def opened(templates: TemplateDatabases, redis_url: str) -> AsyncIterator[dict[str, Served]]:
    url = templates.clone(SERVICES)
    try:
        async with whole_house(url, redis_url, are_neighbours=True) as served:
            await _begin(served)
            yield served
    finally:
        templates.drop(url)


async def _begin(served: dict[str, Served]) -> None:
    """Makes the tenant that all of them are asked for, and a contact of it."""
    tenant_id = uuid4()
    for one in served.values():
        one.tenant_id = tenant_id
    campaign = served["campaign"]
    await campaign.person(settings_service_pb2_grpc.SettingsServiceStub, PLATFORM_ADMIN).CreateTenant(
        settings_service_pb2.CreateTenantRequest(
            tenant=settings_service_pb2.Tenant(
                tenant_id=str(tenant_id),
                name="Salon",
                currency_code="EUR",
                region_code="DE",
                default_time_zone="Europe/Berlin",
                default_language_code="en",
            ),
            idempotency_key="fuzz",
        )
    )
    answer = await campaign.person(contact_service_pb2_grpc.ContactServiceStub).UpsertContact(
        contact_service_pb2.UpsertContactRequest(
            contact=contact_pb2.Contact(
                external_id="ada", email="ada@example.com", phone="+4915112345678", first_name="Ada"
            ),
            idempotency_key="fuzz",
        )
    )
    for one in POOLS.values():
        one.add("contact_id", answer.contact.contact_id)


POOLS = {name: Pool() for name in SERVICES}


@pytest.mark.req("REL-16", "REL-23")
@pytest.mark.parametrize("name", SERVICES)
async def test_no_request_makes_a_method_fall_over(opened: dict[str, Served], name: str) -> None:
    random, pool = Random(f"{SEED}-{name}"), POOLS[name]
    wrong: dict[str, Asked] = {}
    async with grpc.aio.insecure_channel(opened[name].address) as channel:
        caller = Caller(opened[name], channel, random, pool)
        several = list(methods(opened[name]))
        for _ in range(EACH):
            random.shuffle(several)
            for method in several:
                asked = await caller.ask(method, caller.make(method))
                if asked.fault:
                    wrong.setdefault(f"{path(method)} {asked.code.name} {asked.fault[:60]}", asked)
    assert not wrong, "\n\n".join(map(str, wrong.values()))
