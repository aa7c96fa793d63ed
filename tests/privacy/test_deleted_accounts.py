"""An account that a neighbour deletes is forgotten everywhere: from the neighbour's event to the last service."""

from __future__ import annotations

from uuid import uuid4

import grpc
import orjson
import pytest

from angarium.campaign.v1 import event_intake_service_pb2 as intake_pb
from angarium.campaign.v1.event_intake_service_pb2_grpc import EventIntakeServiceStub
from angarium.consent.v1 import privacy_service_pb2 as pb
from services.common.security.jwt import issue_person
from tests.privacy.conftest import ANNA, Town


async def tell(town: Town, kind: str, data: dict[str, object]) -> None:
    """Tells an event as a neighbour of the tenant does."""
    settings = town.settings["campaign"]
    token = issue_person(settings, town.tenant_id, "crm", ["service"], [])
    told = {
        "event_id": str(uuid4()),
        "type": kind,
        "tenant_id": str(town.tenant_id),
        "source": "crm",
        "occurred_at": town.clock.now().isoformat(),
        "aggregate_type": "user",
        "aggregate_id": "account-1",
        "data": data,
    }
    async with grpc.aio.insecure_channel(settings.campaign_address) as channel:
        answer = await EventIntakeServiceStub(channel).IngestEvents(
            intake_pb.IngestEventsRequest(events_json=orjson.dumps(told)),
            metadata=(("authorization", f"Bearer {token}"),),
        )
    assert answer.accepted_count == 1


async def handled(town: Town, count: int) -> None:
    await town.until("SELECT count(*) FROM campaign.inbound_event WHERE state = 3", count)


@pytest.mark.req("EVT-49", "CON-93", "CON-51", "W9")
async def test_who_deletes_an_account_is_forgotten_by_every_service(town: Town) -> None:
    await town.people(ANNA)
    anna = await town.contact_of(ANNA["external_id"])
    await tell(town, "user.updated", {"user_id": ANNA["external_id"], "email": ANNA["email"]})
    await tell(town, "user.deleted", {"userId": ANNA["external_id"]})
    await town.until("SELECT count(*) FROM consent.privacy_request", 1)
    [(request_id, kind, verified_by)] = await town.rows(
        "SELECT privacy_request_id, kind, verified_by FROM consent.privacy_request"
    )
    assert (kind, verified_by) == ("erasure", "user.deleted")
    # Told twice, by another event, it is still one request.
    await tell(town, "user.deleted", {"user_id": ANNA["external_id"]})
    await handled(town, 3)
    await town.settled()
    assert await town.value("SELECT count(*) FROM consent.privacy_request") == 1
    done = await town.run(str(request_id))
    assert done.state == pb.PrivacyRequest.STATE_COMPLETED
    assert await town.value("SELECT state FROM campaign.contact WHERE contact_id = %s", anna) == 3
    # The events that told of the person do not name them any more.
    for (text,) in await town.rows("SELECT inbound_event::text FROM campaign.inbound_event"):
        assert ANNA["external_id"] not in text


@pytest.mark.req("EVT-49")
async def test_of_somebody_nobody_here_knows_there_is_nothing_to_forget(town: Town) -> None:
    await tell(town, "user.deleted", {"user_id": "stranger"})
    await handled(town, 1)
    await town.settled()
    assert await town.value("SELECT count(*) FROM consent.privacy_request") == 0
    assert await town.value("SELECT count(*) FROM campaign.contact") == 0
