from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import pytest

from angarium.campaign.v1 import template_service_pb2 as template_pb
from angarium.common.v1 import enums_pb2
from angarium.consent.v1 import compliance_service_pb2 as consent_pb
from angarium.delivery.v1 import message_service_pb2 as pb
from services.common.jobs import JobCounts
from services.delivery.digests.domain import MOST_SHOWN, Entry, category_of, expiry, lane_of, variables
from services.delivery.digests.handlers import Digests
from services.delivery.digests.labels import _WORDS, label
from services.delivery.messages.domain import Category, Channel, Lane
from services.delivery.messages.servicer import MessageServicer
from services.delivery.providers.recording.adapter import Recorded, Recording
from tests.delivery.kit import House, later, recipient
from tests.fakes.neighbours import ALLOW, Answer, defer, deny

TITLE = "{% for group in groups %}{{ group.title }}: {% for entry in group.entries %}{{ entry.title }}, {% endfor %}{% endfor %}"
PREVIEW = consent_pb.EVALUATION_PURPOSE_PREVIEW


def daily(at: datetime, *, only: Callable[[Any], bool] = lambda item: True) -> Callable[[Any, Any], Answer]:
    """What consent says of people who take digests: a digest itself goes, everything else waits."""

    def rule(context: Any, item: Any) -> Answer:
        if context.is_digest or not only(item):
            return ALLOW
        return defer(consent_pb.DECISION_REASON_DIGEST, at)

    return rule


def digest_template(house: House) -> UUID:
    return house.neighbours.templates.add(
        house.tenant_id, name="digest", subject="{{ count }} for you", text=TITLE, required=False,
        variables={
            "groups": template_pb.VARIABLE_TYPE_LIST, "summary": template_pb.VARIABLE_TYPE_STRING,
            "count": template_pb.VARIABLE_TYPE_NUMBER, "more": template_pb.VARIABLE_TYPE_NUMBER,
        },
    )  # fmt: skip


async def run(house: House) -> JobCounts:
    """One run of the job, as it does by the clock."""
    (servicer,) = [
        one.servicer for one in house.service.registrations if isinstance(one.servicer, MessageServicer)
    ]
    acceptance = servicer._acceptance
    context: Any = SimpleNamespace(stopping=False)
    return await Digests(acceptance, house.settings.default_zone).run(context)


@pytest.fixture
def recorded(monkeypatch: pytest.MonkeyPatch) -> list[Recorded]:
    """Everything that the recording provider was given."""
    found: list[Recorded] = []
    outcome = Recording._outcome

    def spy(self: Recording, *given: Any) -> Any:
        answer = outcome(self, *given)
        found.append(self.recorded[-1])
        return answer

    monkeypatch.setattr(Recording, "_outcome", spy)
    return found


async def due(house: House) -> None:
    """Time passes until the digest is due."""
    await house.rows("UPDATE digest_item SET digest_at = now() - interval '1 second'")


@pytest.mark.req("DEL-18", "DEL-91", "JOB-26")
async def test_what_a_person_wants_once_a_day_leaves_as_one_message(
    house: House, recorded: list[Recorded]
) -> None:
    await house.add_account()
    digest_template(house)
    offers = house.template(category=enums_pb2.CATEGORY_OFFER, subject="Offer for {{ name }}", name="offer")
    orders = house.template(subject="Order of {{ name }}", name="order")
    house.neighbours.consent.rule = daily(later(hours=3))
    mine, yours = str(uuid4()), str(uuid4())
    ids = {}
    for key, template, category, contact in (
        ("offer", offers, enums_pb2.CATEGORY_OFFER, mine),
        ("order", orders, enums_pb2.CATEGORY_ORDER, mine),
        ("newer", offers, enums_pb2.CATEGORY_OFFER, mine),
        ("yours", orders, enums_pb2.CATEGORY_ORDER, yours),
    ):
        content = house.content(template, category=category)
        ids[key] = (await house.send_one(content, recipient(len(ids), contact_id=contact))).message_id
    assert await house.states() == {"deferred": 4}
    rows = await house.rows("SELECT channel, frequency, state, digest_id FROM digest_item")
    assert rows == [(1, "daily", 1, None)] * 4
    # A default expiry moves behind the digest; until then nothing is due by itself.
    assert await house.value(
        "SELECT bool_and(m.expire_at = i.digest_at + interval '24 hours' AND w.due_at = m.expire_at)"
        " FROM digest_item i JOIN message m USING (message_id) JOIN message_wait w USING (message_id)"
    )
    assert await run(house) == JobCounts()
    await due(house)
    made = await run(house)
    assert (made.seen, made.done) == (4, 4)
    await house.assert_every_waiting_message_stands_in_one_place()
    async with house.worker():
        await house.until_states({"deferred": 4, "sent": 2})
    settled = await run(house)
    assert settled.done == 4
    assert await house.states() == {"sent": 6}
    assert await house.value("SELECT count(*) FROM message_wait") == 0
    texts = {one.outgoing.address: one.parts for one in recorded}
    # Where the newest message goes, the digest goes; marketing makes the whole of it marketing.
    assert texts["person2@example.com"]["subject"] == "3 for you"
    shown = " ".join(texts["person2@example.com"]["text"].split("\n")[0].split())
    assert shown == "Offers: Offer for Person 2, Offer for Person 0, Orders: Order of Person 1,"
    assert texts["person3@example.com"]["subject"] == "1 for you"
    digests = await house.rows(
        "SELECT category, lane, message_id FROM message WHERE digest_id IS NULL ORDER BY category"
    )
    assert [row[:2] for row in digests] == [(3, 3), (21, 3)]
    assert await house.rows(
        "SELECT count(*), count(DISTINCT state) FROM digest_item WHERE state = 2 AND digest_id IS NOT NULL"
    ) == [(4, 1)]
    found = await house.messages.GetMessage(
        pb.GetMessageRequest(message_id=ids["offer"]), metadata=house.as_person()
    )
    assert found.message.digest_message_id == str(digests[1][2])
    asked = [one.context for one in house.neighbours.consent.requests if one.context.purpose != PREVIEW]
    assert {(one.is_digest, one.category) for one in asked} == {(True, 3), (True, 21)}
    # Two digests and what was in them.
    assert sum(count for _, count in await house.events("message.sent")) == 6
    assert await run(house) == JobCounts()


@pytest.mark.req("DEL-91")
async def test_a_campaign_that_is_held_for_a_digest_at_sending_leaves_with_it(house: House) -> None:
    await house.add_account()
    digest_template(house)
    wants = {str(uuid4()) for _ in range(3)}
    house.neighbours.consent.rule = daily(later(hours=3), only=lambda item: item.contact_id in wants)
    people = [recipient(n, contact_id=one) for n, one in enumerate(sorted(wants))]
    async with house.worker():
        await house.send_block(house.campaign_content(), [*people, recipient(9)])
        await house.until_states({"deferred": 3, "sent": 1})
        await house.assert_every_waiting_message_stands_in_one_place()
        assert await house.value("SELECT count(*) FROM digest_item WHERE frequency = 'daily'") == 3
        await due(house)
        await run(house)
        await house.until_states({"deferred": 3, "sent": 4})
    await run(house)
    assert await house.states() == {"sent": 7}
    # The campaign's own lines are told, under its name.
    assert await house.value("SELECT count(*) FROM message WHERE campaign_id IS NOT NULL AND state = 7") == 4


@pytest.mark.req("DEL-91")
async def test_items_leave_by_themselves_when_the_person_wants_them_at_once_again(house: House) -> None:
    await house.add_account()
    digest_template(house)
    house.neighbours.consent.rule = daily(later(hours=3))
    await house.send_one(house.content(), recipient(0))
    await house.send_one(house.content(), recipient(1))
    await due(house)
    house.neighbours.consent.rule = lambda context, item: (
        deny(consent_pb.DECISION_REASON_OPTED_OUT) if "person1" in item.address else ALLOW
    )
    assert (await run(house)).skipped == 2
    assert await house.value("SELECT count(*) FROM digest_item") == 0
    async with house.worker():
        await house.until_states({"sent": 1, "skipped": 1})
    assert await house.rows("SELECT reason FROM message WHERE state = 12") == [("opted_out",)]


@pytest.mark.req("DEL-91")
async def test_a_deadline_of_the_caller_stays_and_what_expires_or_is_cancelled_is_dropped(
    house: House,
) -> None:
    await house.add_account()
    digest_template(house)
    house.neighbours.consent.rule = daily(later(hours=3))
    too_soon = await house.send_one(house.content(expire_time=later(hours=2)), recipient(0))
    assert too_soon.reason == "expires_before_window"
    mine = recipient(1)
    kept = await house.send_one(house.content(expire_time=later(hours=9)), mine)
    gone = await house.send_one(house.content(expire_time=later(hours=9)), mine)
    stopped = await house.send_one(house.content(correlation_key="k"), mine)
    assert await house.value(
        "SELECT bool_and(w.due_at = c.expire_at) FROM message_wait w JOIN message m USING (message_id)"
        " JOIN content c USING (content_id) WHERE c.has_own_expiry"
    )
    await house.messages.CancelMessages(
        pb.CancelMessagesRequest(selector=pb.MessageSelector(correlation_key="k")),
        metadata=house.as_service(),
    )
    await house.rows("UPDATE message SET expire_at = now() WHERE message_id = %s", gone.message_id)
    await due(house)
    await run(house)
    async with house.worker():
        await house.until_states({"skipped": 1, "cancelled": 1, "expired": 1, "deferred": 1, "sent": 1})
    await run(house)
    assert await house.rows(
        "SELECT message_id::text, state FROM digest_item ORDER BY state, message_id"
    ) == sorted(
        [(kept.message_id, 2), (gone.message_id, 3), (stopped.message_id, 3)],
        key=lambda row: (row[1], row[0]),
    )


@pytest.mark.req("DEL-91")
async def test_messages_of_a_digest_that_never_leaves_go_on_by_themselves_until_they_expire(
    house: House,
) -> None:
    await house.add_account(config={"rules": [{"result": "permanent", "code": "content_refused"}]})
    digest_template(house)
    house.neighbours.consent.rule = daily(later(hours=3))
    await house.send_one(house.content(), recipient(0))
    await due(house)
    await run(house)
    async with house.worker():
        await house.until_states({"deferred": 1, "failed": 1})
        # The next digest is behind what the message was worth, so it does not wait for ever.
        house.neighbours.consent.rule = daily(later(days=2))
        await run(house)
        await house.until_states({"skipped": 1, "failed": 1})
    assert await house.rows("SELECT reason FROM message WHERE state = 12") == [("expires_before_window",)]


@pytest.mark.req("JOB-26", "JOB-6")
async def test_consent_that_does_not_answer_leaves_digests_for_the_next_run(house: House) -> None:
    await house.add_account()
    digest_template(house)
    house.neighbours.consent.rule = daily(later(hours=3))
    await house.send_one(house.content(), recipient(0))
    await due(house)
    house.neighbours.consent.is_down = True
    assert (await run(house)).failed == 1
    house.neighbours.consent.is_down = False
    # Two replicas at once: one digest.
    await asyncio.gather(run(house), run(house))
    assert await house.value("SELECT count(*) FROM message WHERE digest_id IS NULL") == 1


@pytest.mark.req("JOB-4", "JOB-26")
async def test_trouble_with_one_tenants_digests_stops_nobody_elses(house: House) -> None:
    await house.add_account()
    house.neighbours.consent.rule = daily(later(hours=3))
    mine = house.tenant_id
    for house.tenant_id in (uuid4(), mine):
        digest_template(house)
        await house.send_one(house.content(), recipient(0))
    await house.rows("UPDATE message_content SET sealed = sealed || '\\x00' WHERE tenant_id <> %s", mine)
    # The tenant whose messages cannot be read any more is the first one.
    await house.rows(
        "UPDATE digest_item SET digest_at = now() - CASE WHEN tenant_id = %s THEN interval '1 s' ELSE interval '1 h' END",
        mine,
    )
    made = await run(house)
    assert (made.done, made.failed) == (1, 1)


def entry(number: int, category: Category = Category.OFFER, lane: Lane = Lane.NORMAL) -> Entry:
    made = datetime.fromisoformat("2026-01-01T00:00:00+00:00") + timedelta(minutes=number)
    return Entry(number.to_bytes(16, "big"), category, lane, made, f"title {number}", "")


@pytest.mark.req("DEL-91")
def test_a_digest_shows_the_newest_fifty_by_category_in_the_language_of_its_reader() -> None:
    many = [entry(n, Category.OFFER if n % 2 else Category.ORDER) for n in range(60)]
    shown = variables(many, Channel.EMAIL, "de-AT")
    assert [group["title"] for group in shown["groups"]] == ["Angebote", "Bestellungen"]
    titles = [one["title"] for group in shown["groups"] for one in group["entries"]]
    assert (len(titles), shown["count"], shown["more"]) == (MOST_SHOWN, 60, 10)
    assert titles[:2] == ["title 59", "title 57"]
    assert "title 9" not in titles
    assert variables(many, Channel.SMS, "xx")["summary"].count(";") == 4
    assert category_of([entry(1, Category.ORDER), entry(0)]) is Category.OFFER
    assert lane_of([entry(1, lane=Lane.LOW), entry(2, lane=Lane.HIGH)]) is Lane.HIGH
    assert {len(words) for words in _WORDS.values()} == {8}
    assert label(Category.PAYMENT_FAILED, "en") == "Payment failed"


@pytest.mark.req("DEL-91")
def test_a_default_expiry_moves_once_behind_the_digest() -> None:
    at, own, of_content = (later(hours=hours) for hours in (3, 5, 7))
    assert expiry(at, None, of_content, is_callers=False) == at + timedelta(hours=24)
    assert expiry(at, None, of_content, is_callers=True) == of_content
    assert expiry(at, own, of_content, is_callers=False) == own
