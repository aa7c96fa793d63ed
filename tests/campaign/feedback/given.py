"""Feedback as tests begin with."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID, uuid4

import pytest

from angarium.campaign.v1 import campaign_events_pb2, feedback_pb2, settings_service_pb2
from angarium.campaign.v1 import feedback_service_pb2 as pb
from angarium.campaign.v1.feedback_service_pb2_grpc import FeedbackServiceStub
from angarium.campaign.v1.settings_service_pb2_grpc import SettingsServiceStub
from angarium.common.v1.events_pb2 import EventEnvelope
from services.campaign.feedback.requests import FeedbackLinks
from services.campaign.settings import CampaignSettings
from services.common.clock import FixedClock
from services.common.errors import ServiceError
from services.common.security.jwt import issue_neighbour, issue_person
from tests.house import Served


def gate(shop: Served) -> FeedbackServiceStub:
    """The service as the gateway calls it: no tenant but the token's."""
    return shop.caller(FeedbackServiceStub, "gateway")  # type: ignore[return-value]


def staff(shop: Served, *roles: str) -> FeedbackServiceStub:
    return shop.person(FeedbackServiceStub, *roles)  # type: ignore[return-value]


def of_branch(shop: Served, branch: str, role: str = "branch_manager") -> FeedbackServiceStub:
    """The service as somebody calls it who is limited to a branch."""
    token = issue_person(shop.settings, shop.tenant_id, "bea", [role], [branch])
    return shop._stub(FeedbackServiceStub, token, None)  # type: ignore[return-value]


def neighbour(shop: Served) -> FeedbackServiceStub:
    """The service as a neighbour system of the tenant calls it."""
    token = issue_neighbour(shop.settings, shop.tenant_id, "till")
    return shop._stub(FeedbackServiceStub, token, None)  # type: ignore[return-value]


async def branch(shop: Served, name: str = "Harbour Row", **fields: Any) -> str:
    made = settings_service_pb2.BranchSettings(branch_id=str(uuid4()), name=name, **fields)
    request = settings_service_pb2.CreateBranchRequest(branch=made)
    return (await shop.person(SettingsServiceStub).CreateBranch(request)).branch.branch_id


async def link(
    shop: Served,
    contact_id: str,
    reference: str = "visit-1",
    branch_id: str = "",
    visited_at: datetime | None = None,
) -> str:
    """The token of the link by which a contact tells of a visit."""
    links = FeedbackLinks(cast("CampaignSettings", shop.settings))
    async with shop.service.database.tenant(shop.tenant_id) as uow:
        url = await links.link_for(
            uow, UUID(contact_id), UUID(branch_id) if branch_id else None, reference, visited_at=visited_at
        )
    return url.rpartition("/feedback/")[2]


async def answer(
    shop: Served, token: str, rating: int = 5, comment: str = "", key: str = ""
) -> feedback_pb2.Feedback:
    request = pb.SubmitFeedbackRequest(token=token, rating=rating, comment=comment, idempotency_key=key)
    return (await gate(shop).SubmitFeedback(request)).feedback


def visit(
    contact_id: str, rating: int = 5, reference: str = "visit-1", **fields: Any
) -> pb.SubmitFeedbackRequest:
    named = {name: fields.pop(name) for name in ("branch_id",) if name in fields}
    where = pb.FeedbackVisit(contact_id=contact_id, reference_id=reference, **named)
    return pb.SubmitFeedbackRequest(visit=where, rating=rating, **fields)


async def received(shop: Served) -> list[campaign_events_pb2.FeedbackReceived]:
    async with shop.service.database.tenant(shop.tenant_id) as uow:
        rows = await uow.fetch_all("SELECT envelope FROM outbox WHERE type = 'feedback.received' ORDER BY id")
    found = []
    for (envelope,) in rows:
        message = campaign_events_pb2.FeedbackReceived()
        assert EventEnvelope.FromString(envelope).payload.Unpack(message)
        found.append(message)
    return found


async def alerted(shop: Served) -> list[tuple[str, str, UUID | None, dict[str, Any]]]:
    """Template, role, branch and variables of what staff is told."""
    async with shop.service.database.tenant(shop.tenant_id) as uow:
        rows = await uow.fetch_all(
            "SELECT template_name, role, branch_id, variables FROM staff_alert ORDER BY alert_id"
        )
    return [(name, role, branch_id, variables) for name, role, branch_id, variables in rows]


@contextmanager
def later(shop: Served, by: timedelta) -> Iterator[None]:
    """The service some time later; afterwards it is now again."""
    clock = cast("FixedClock", shop.service.database.clock)
    before = clock.now()
    clock.set(before + by)
    try:
        yield
    finally:
        clock.set(before)


async def reason_of(call: Any) -> str:
    with pytest.raises(ServiceError) as refused:
        await call
    return refused.value.reason
