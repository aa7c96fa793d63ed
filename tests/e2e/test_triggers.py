"""From a visit that a neighbour tells of to the thanks on the contact's phone: real services, and consent that decides."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import orjson
import pytest

from angarium.campaign.v1 import (
    contact_pb2,
    contact_service_pb2,
    event_intake_service_pb2,
    trigger_pb2,
    trigger_service_pb2,
)
from angarium.campaign.v1.event_intake_service_pb2_grpc import EventIntakeServiceStub
from angarium.campaign.v1.trigger_service_pb2_grpc import TriggerServiceStub
from angarium.common.v1 import enums_pb2
from angarium.consent.v1 import consent_pb2, consent_service_pb2
from cli.client import ClientSettings, PersonChannels
from services.campaign.bootstrap import NAME
from services.campaign.triggers import wiring
from services.common.clock import SystemClock
from services.common.db.database import Database
from services.common.jobs import JobRunner
from services.common.security.permissions import SERVICE, SUPER_OWNER
from services.common.settings import read
from tests.e2e.city import City

THANKS = trigger_pb2.TRIGGER_TYPE_POST_VISIT_THANK_YOU
STATE = trigger_pb2.TriggerHistoryEntry


def daytime() -> str:
    """A zone in which it is about noon, so that no window holds a text back whenever this is run."""
    hours = 12 - datetime.now(UTC).hour
    return f"Etc/GMT{-hours:+d}" if hours else "Etc/GMT"


@pytest.mark.req("LIF-46", "LIF-59", "LIF-60", "LIF-99")
async def test_a_visit_is_thanked_for_by_text_where_consent_allows_it_and_once(city: City) -> None:
    owner = caller(city, SUPER_OWNER, "ada")
    try:
        triggers: Any = owner.stub(TriggerServiceStub, "campaign")
        await configure(triggers)
        anna = await contact(city, "anna", "+12025550100")
        bert = await contact(city, "bert", "+12025550101")
        await city.cast.ada.consents.GrantConsent(
            consent_service_pb2.GrantConsentRequest(
                subject=consent_pb2.Subject(contact_id=anna),
                channel=enums_pb2.CHANNEL_SMS,
                message_class=enums_pb2.MESSAGE_CLASS_MARKETING,
                source=consent_pb2.CONSENT_SOURCE_STAFF,
                wording_version="texts-1",
                idempotency_key="anna",
            )
        )
        await tell_of_visits(city, "anna", "bert")
        await city.until_value("SELECT count(*) FROM campaign.trigger_anchor", 2)
        for _ in range(2):
            await fire(city)
        found: dict[str, tuple[str, str]] = {}
        try:
            async with asyncio.timeout(25):
                while found.get(bert, ("", ""))[0] != "skipped" or not await city.taken("+12025550100"):
                    await asyncio.sleep(0.1)
                    found = await history(triggers)
        except TimeoutError:
            raise AssertionError(f"{found}, and messages are {await city.states()}") from None
    finally:
        await owner.close()
    assert found == {anna: ("sent", ""), bert: ("skipped", "no_consent")}
    [text] = await city.taken("+12025550100")
    assert "thank" in text.lower()
    assert await city.taken("+12025550101") == []


def caller(city: City, role: str, subject: str) -> PersonChannels:
    known = {
        name: getattr(city.settings[NAME], name)
        for name in ClientSettings.model_fields
        if name in type(city.settings[NAME]).model_fields
    }
    return PersonChannels(
        read(ClientSettings, **known), tenant_id=city.cast.tenant_id, role=role, subject=subject
    )


async def configure(triggers: Any) -> None:
    """Has visits thanked for at once, and nothing else done about them."""
    for one in (await triggers.ListTriggerConfigs(trigger_service_pb2.ListTriggerConfigsRequest())).configs:
        one.enabled, one.delay_minutes = one.trigger_type == THANKS, 0
        request = trigger_service_pb2.UpdateTriggerConfigRequest(config=one)
        request.update_mask.paths.extend(["enabled", "delay_minutes"])
        await triggers.UpdateTriggerConfig(request)


async def contact(city: City, name: str, phone: str) -> str:
    wanted = contact_pb2.Contact(external_id=name, phone=phone, time_zone=daytime())
    request = contact_service_pb2.UpsertContactRequest(contact=wanted, idempotency_key=str(uuid4()))
    made: str = (await city.cast.ada.contacts.UpsertContact(request)).contact.contact_id
    return made


async def tell_of_visits(city: City, *names: str) -> None:
    now = datetime.now(UTC) + timedelta(milliseconds=1)
    visits = [
        {
            "event_id": str(uuid4()),
            "type": "visit.completed",
            "version": 1,
            "tenant_id": str(city.cast.tenant_id),
            "source": "salon",
            "occurred_at": now.isoformat(),
            "aggregate_type": "visit",
            "aggregate_id": f"v-{name}",
            "data": {
                "visit_id": f"v-{name}",
                "person": {"user_id": name},
                "branch": {"name": "Harbour Row"},
                "staff": {"name": "Mia"},
                "services": ["Cut"],
                "categories": [],
                "completed_at": now.isoformat(),
            },
        }
        for name in names
    ]
    neighbour = caller(city, SERVICE, "salon")
    try:
        stub: Any = neighbour.stub(EventIntakeServiceStub, "campaign")
        request = event_intake_service_pb2.IngestEventsRequest(events_json=orjson.dumps(visits))
        answer = await stub.IngestEvents(request)
    finally:
        await neighbour.close()
    assert answer.accepted_count == len(names), answer


async def fire(city: City) -> None:
    settings = city.settings[NAME]
    database = await Database.open(settings, NAME)
    try:
        runner = JobRunner(database, wiring.jobs(settings), SystemClock())
        await runner.run_now("process-triggers")
    finally:
        await database.close()


async def history(triggers: Any) -> dict[str, tuple[str, str]]:
    answer = await triggers.ListTriggerHistory(trigger_service_pb2.ListTriggerHistoryRequest())
    return {
        one.contact_id: (STATE.State.Name(one.state).removeprefix("STATE_").lower(), one.skip_reason)
        for one in answer.entries
    }
