"""Automations as tests begin with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, cast
from uuid import UUID, uuid4

from google.protobuf.json_format import MessageToDict, ParseDict

from angarium.campaign.v1 import automation_pb2, contact_pb2, contact_service_pb2, segment_service_pb2
from angarium.campaign.v1 import automation_service_pb2 as pb
from angarium.campaign.v1.automation_service_pb2_grpc import AutomationServiceStub
from angarium.campaign.v1.contact_service_pb2_grpc import ContactServiceStub
from angarium.campaign.v1.segment_service_pb2_grpc import SegmentServiceStub
from angarium.common.v1.events_pb2 import EventEnvelope
from services.campaign.automations import engine, planning
from services.campaign.automations.means import Means, means_of
from services.campaign.automations.sending import LISTENER
from services.campaign.intake.steps import InboundEvent
from services.campaign.notices.domain import Outcome, Source, State
from services.campaign.reactions import steps
from services.campaign.settings import CampaignSettings
from services.common.clock import FixedClock
from services.common.events.payloads import payload_of
from services.common.ids import uuid7
from services.common.rpc.context import Caller, bind
from tests.house import Served

TEMPLATE = "miss-you"
"""A template of the platform, for e-mail."""


def means(served: Served) -> Means:
    return means_of(cast("CampaignSettings", served.settings))


def clock(served: Served) -> FixedClock:
    return cast("FixedClock", served.service.database.clock)


def stub(served: Served, *roles: str) -> AutomationServiceStub:
    return served.person(AutomationServiceStub, *roles)


def draft(**fields: Any) -> automation_pb2.Automation:
    """An automation by calls that waits a minute, unless told otherwise."""
    values: dict[str, Any] = {"name": "Autumn", "cooldown_days": 0, **fields}
    if not values.keys() & {"event", "time", "behavior", "api"}:
        values["api"] = {}
    if "actions" not in values:
        values["actions"] = [{"delay": "60s"}]
    return ParseDict(values, automation_pb2.Automation())


async def automation(served: Served, **fields: Any) -> automation_pb2.Automation:
    answer = await stub(served).CreateAutomation(pb.CreateAutomationRequest(automation=draft(**fields)))
    return answer.automation


async def contact(served: Served, **fields: Any) -> str:
    wanted = contact_pb2.Contact(external_id=fields.pop("external_id", uuid4().hex), **fields)
    answer = await served.person(ContactServiceStub).UpsertContact(
        contact_service_pb2.UpsertContactRequest(contact=wanted)
    )
    return answer.contact.contact_id


async def read_contact(served: Served, contact_id: str) -> contact_pb2.Contact:
    answer = await served.person(ContactServiceStub).GetContact(
        contact_service_pb2.GetContactRequest(contact_id=contact_id)
    )
    return answer.contact


async def segment(served: Served, tag: str) -> str:
    wanted = ParseDict(
        {
            "name": uuid4().hex,
            "is_dynamic": True,
            "rule": tagged_rule(tag),
        },
        segment_service_pb2.Segment(),
    )
    request = segment_service_pb2.CreateSegmentRequest(segment=wanted)
    return (await served.person(SegmentServiceStub).CreateSegment(request)).segment.segment_id


def tagged_rule(tag: str) -> dict[str, Any]:
    return {
        "operator": "SEGMENT_OPERATOR_AND",
        "conditions": [{"field": "tags", "operator": "CONDITION_OPERATOR_CONTAINS", "value": tag}],
    }


async def trigger(
    served: Served, automation_id: str, *contact_ids: str, key: str = "", **data: Any
) -> list[str]:
    request = pb.TriggerAutomationRequest(
        automation_id=automation_id, contact_ids=contact_ids, idempotency_key=key
    )
    request.data.update(data)
    return list((await stub(served).TriggerAutomation(request)).run_ids)


async def run_of(served: Served, run_id: str) -> pb.GetAutomationRunResponse:
    return await stub(served).GetAutomationRun(pb.GetAutomationRunRequest(run_id=run_id))


async def state(served: Served, run_id: str) -> str:
    found = (await run_of(served, run_id)).run
    return automation_pb2.AutomationRun.State.Name(found.state).removeprefix("STATE_").lower()


async def shown_steps(served: Served, run_id: str) -> list[tuple[str, str]]:
    """Actions of a run with what became of them."""
    return [
        (one.action, automation_pb2.AutomationStep.State.Name(one.state).removeprefix("STATE_").lower())
        for one in (await run_of(served, run_id)).steps
    ]


async def runs_of(served: Served, **wanted: Any) -> Sequence[automation_pb2.AutomationRun]:
    answer = await stub(served).ListAutomationRuns(pb.ListAutomationRunsRequest(page_size=200, **wanted))
    return answer.runs


async def advance(served: Served, seconds: float = 0) -> None:
    """Lets time pass and moves what is due in this tenant on, until nothing is."""
    if seconds:
        clock(served).advance(timedelta(seconds=seconds))
    with bind(Caller.of_service("campaign")):
        while True:
            async with served.service.database.tenant(served.tenant_id) as uow:
                if not await engine.advance(uow, means(served)):
                    return


async def plan(served: Served, automation_id: str) -> None:
    with bind(Caller.of_service("campaign")):
        more = True
        while more:
            async with served.service.database.tenant(served.tenant_id) as uow:
                more = await planning.plan(uow, means(served), UUID(automation_id))


async def tell(served: Served, *events: InboundEvent) -> None:
    """Takes events through all steps, as the intake does."""
    with bind(Caller.of_service("neighbour", served.tenant_id)):
        for one in events:
            for step in steps(cast("CampaignSettings", served.settings)):
                if one.type in step.types or "*" in step.types:
                    async with served.service.database.tenant(served.tenant_id) as uow:
                        await step.run(uow, one)


async def notices(served: Served, run_id: str) -> list[tuple[str, UUID, str, str]]:
    """Keys, contacts, templates and states of a run's notices."""
    async with served.service.database.tenant(served.tenant_id) as uow:
        rows = await uow.fetch_all(
            "SELECT key, contact_id, template, state FROM notice WHERE tenant_id = %s AND automation_run_id = %s"
            " ORDER BY key",
            (served.tenant_id, run_id),
        )
    return [(key, contact_id, template, found) for key, contact_id, template, found in rows]


async def settle(served: Served, run_id: str, outcome: State, reason: str = "", *, times: int = 1) -> None:
    """Has every notice of a run end so, as the loop of notices tells it."""
    for key, contact_id, _, _ in await notices(served, run_id):
        for _ in range(times):
            async with served.service.database.tenant(served.tenant_id) as uow:
                ids = (uuid7(),) if outcome is State.SENT else ()
                told = Outcome(uuid7(), Source.AUTOMATION, key, "", contact_id, outcome, reason, ids)
                await LISTENER.hear(uow, [told])


async def emitted(served: Served, type: str) -> list[Mapping[str, Any]]:
    async with served.service.database.tenant(served.tenant_id) as uow:
        rows = await uow.fetch_all(
            "SELECT envelope FROM outbox WHERE tenant_id = %s AND type = %s ORDER BY id",
            (served.tenant_id, type),
        )
    envelopes = [EventEnvelope.FromString(envelope) for (envelope,) in rows]
    return [MessageToDict(payload_of(one), preserving_proto_field_name=True) for one in envelopes]
