"""Two neighbours tell of their day, and everything it owes people is written, rendered and sent by real services."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from angarium.common.v1 import enums_pb2
from angarium.delivery.v1 import message_pb2, provider_service_pb2
from examples.neighbours.day import Day
from examples.neighbours.disorder import shuffled
from examples.neighbours.intakes import GrpcIntake
from services.common.security.jwt import issue_person
from tests.e2e.city import City
from tests.e2e.owed import Owed

STATE = message_pb2.Message
SETTLED = (STATE.STATE_SENT, STATE.STATE_DELIVERED, STATE.STATE_READ, STATE.STATE_SKIPPED)


async def _mail(city: City) -> None:
    account = provider_service_pb2.ProviderAccount(
        channel=enums_pb2.CHANNEL_EMAIL, provider="sendgrid", name="mail", rate_per_second=1000
    )
    account.config.update({"base_url": city.sandbox_url, "from_address": "hello@bazaar.example"})
    await city.cast.ada.providers.CreateProviderAccount(
        provider_service_pb2.CreateProviderAccountRequest(
            provider_account=account, credentials={"api_key": "SG.e2e"}, idempotency_key=str(uuid4())
        )
    )


async def _until_done(city: City) -> None:
    """Waits until every event is handled, every notice that is due settled, and every message of them sent."""
    await city.until_value("SELECT count(*) FROM campaign.inbound_event WHERE state <= 2", 0, 40)
    await city.until_value(
        "SELECT count(*) FROM campaign.notice WHERE state = 'waiting' AND due_at <= now()", 0, 40
    )
    # At night texts wait for the morning; letters do not.
    await city.until_value(
        f"SELECT count(*) FROM delivery.message WHERE state NOT IN {SETTLED}"
        f" AND (state, reason) IS DISTINCT FROM ({STATE.STATE_DEFERRED}, 'sms_window')",
        0,
        60,
    )


OLD_NEWS = {
    "event-reminder",
    "event-updated",
    "group-payment-invitation",
    "group-payment-reminder",
    "order-expired",
    "password-reset",
    "reservation-expired",
    "transfer-offered",
}
"""E-mails of the day that are worth sending for minutes or hours only: by the evening they are not."""


@pytest.mark.req("EVT-8", "EVT-84")
async def test_what_a_day_of_a_venue_still_owes_people_in_the_evening_reaches_their_mailboxes(
    city: City,
) -> None:
    await _mail(city)
    events = Day(datetime.now(UTC).replace(microsecond=0) - timedelta(hours=13)).events()
    settings = city.settings["campaign"]
    token = issue_person(settings, city.cast.tenant_id, "venue", ["service"], [])
    intake = GrpcIntake(settings.campaign_address, token, str(city.cast.tenant_id))
    receipt = await asyncio.to_thread(intake.send, shuffled(events, seed=3))
    assert receipt.refusals == []
    assert receipt.counts["accepted"] == len(events)
    await _until_done(city)
    unsaid = await city.rows(
        "SELECT rule, reason FROM campaign.notice WHERE state = 'failed'"
        " UNION ALL SELECT template_name, reason FROM campaign.staff_alert WHERE state = 'dropped'"
    )
    assert unsaid == []
    mails = await city.rows(
        "SELECT c.template_name, m.message_id::text FROM delivery.message m"
        " JOIN delivery.content c USING (tenant_id, content_id) WHERE c.channel = %s AND m.state <> %s",
        enums_pb2.CHANNEL_EMAIL,
        STATE.STATE_SKIPPED,
    )
    owed = Counter(
        one.template
        for one in Owed(events).messages.elements()
        if one.channel == "email" and one.template not in OLD_NEWS
    )
    assert Counter(template for template, _ in mails) == owed
    async with city.session.get(f"{city.sandbox_url}/truth") as response:
        truth = (await response.json())["messages"]
    subjects = [one["subject"] for one in truth if "@" in one["address"]]
    assert len(subjects) == len(mails)
    paid = [one for one in subjects if "Autumn Concert" in one]
    assert len(paid) >= 16
    assert not [one for one in subjects if "{" in one or "None" in one or "$" in one]
