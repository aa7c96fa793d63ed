"""What triggers do when something is due: once each, at their time, and not without reason."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from angarium.campaign.v1 import settings_service_pb2 as settings_pb
from angarium.campaign.v1.settings_service_pb2_grpc import SettingsServiceStub
from angarium.delivery.v1 import message_pb2
from services.campaign.notices.notices import Notices
from services.campaign.triggers.domain import OF_VISIT, TriggerType
from services.campaign.triggers.firing import TRIES, Triggers
from services.common.errors import failed, unavailable
from tests.campaign.triggers.conftest import NOON, SMS, Salon

pytestmark = pytest.mark.asyncio(loop_scope="module")
THANKS, FEEDBACK = TriggerType.POST_VISIT_THANK_YOU, TriggerType.FEEDBACK_REQUEST
FIRST = TriggerType.FIRST_VISIT_FOLLOWUP


@pytest.mark.req("LIF-46", "LIF-95", "EVT-73", "JOB-10")
async def test_a_visit_is_thanked_for_when_its_delay_has_passed_and_not_before(salon: Salon) -> None:
    anna = await salon.contact()
    await salon.use(THANKS)
    await salon.visit(branch={"name": "Mitte"})
    salon.at(minutes=119)
    assert (await salon.look()).seen == 0
    salon.at(minutes=120)
    await salon.look()
    [message] = salon.sent(THANKS)
    assert message.recipient.contact_id == str(anna)
    assert message.content.channel == SMS
    assert message.content.origin == message_pb2.ORIGIN_TRIGGER
    assert message.content.template_name == "post-visit-thank-you"
    assert dict(message.recipient.variables) == {
        "visitDate": "2026-11-20",
        "staffName": "Mia",
        "branchName": "Mitte",
        "serviceName": "Cut",
    }


@pytest.mark.req("LIF-2", "LIF-3", "LIF-59", "LIF-97", "LIF-98", "EVT-102")
async def test_an_occurrence_fires_once_however_often_it_is_told_and_looked_at(salon: Salon) -> None:
    await salon.contact()
    await salon.use(THANKS)
    for _ in range(2):
        await salon.visit()
    salon.at(minutes=121)
    for _ in range(2):
        await salon.look()
    await salon.visit(at=NOON)
    async with salon.database.tenant(salon.tenant_id) as uow:
        await uow.execute("UPDATE trigger_anchor SET state = 1 WHERE tenant_id = %s", (salon.tenant_id,))
    await salon.look()
    assert len(salon.sent(THANKS)) == 1
    assert await salon.history() == [(THANKS.word, "sent", "")]
    assert await salon.told() == [("trigger.fired", THANKS.word, "")]


@pytest.mark.req("LIF-59", "JOB-1", "JOB-6")
async def test_two_jobs_at_once_fire_each_occurrence_once_and_count_one_cooldown(salon: Salon) -> None:
    await salon.use(THANKS)
    for number in range(12):
        await salon.contact(f"c{number}")
        await salon.visit(f"c{number}", f"v{number}a")
        await salon.visit(f"c{number}", f"v{number}b", NOON + timedelta(seconds=1))
    salon.at(minutes=121)
    counts = await asyncio.gather(*(salon.look(hand_over=False) for _ in range(4)))
    await salon.hand_over()
    assert sum(one.seen for one in counts) == 24
    assert len(salon.sent(THANKS)) == len({one.recipient.contact_id for one in salon.sent(THANKS)}) == 12
    once = [(THANKS.word, "sent", ""), (THANKS.word, "skipped", "cooldown")]
    assert sorted(await salon.history()) == sorted(once * 12)


@pytest.mark.req("LIF-98")
async def test_what_is_undone_between_history_and_message_leaves_neither(salon: Salon) -> None:
    await salon.contact()
    await salon.use(THANKS)
    await salon.visit()
    salon.at(minutes=121)

    class Dying(Notices):
        async def add(self, uow: object, notices: object) -> int:
            raise asyncio.CancelledError

    settings = salon.served.settings
    dying = Triggers(Dying(settings.encryption_keys, settings.hash_keys), salon.triggers._links, "")
    with pytest.raises(asyncio.CancelledError):
        await dying.block(salon.database, salon.tenant_id)
    assert await salon.history() == []
    await salon.look()
    assert await salon.history() == [(THANKS.word, "sent", "")]


@pytest.mark.req("LIF-59")
async def test_a_cooldown_counts_from_what_was_sent_and_from_nothing_else(salon: Salon) -> None:
    anna = await salon.contact()
    await salon.use(THANKS)
    salon.delivery.stopped[str(anna)] = "no_consent"
    await salon.visit(visit="v1")
    salon.at(hours=2)
    await salon.look()
    salon.delivery.stopped.clear()
    await salon.visit(visit="v2")
    salon.at(hours=4)
    await salon.look()
    await salon.visit(visit="v3")
    salon.at(hours=27, minutes=59)
    await salon.look()
    await salon.visit(visit="v4", at=NOON + timedelta(hours=26))
    salon.at(hours=28)
    await salon.look()
    assert await salon.history() == [
        (THANKS.word, "skipped", "no_consent"),
        (THANKS.word, "sent", ""),
        (THANKS.word, "skipped", "cooldown"),
        (THANKS.word, "sent", ""),
    ]


@pytest.mark.req("LIF-57", "LIF-60")
async def test_what_could_not_be_looked_at_for_a_day_is_stale(salon: Salon) -> None:
    await salon.contact("anna")
    await salon.contact("bert")
    await salon.use(THANKS)
    await salon.visit("anna", "v1")
    await salon.visit("bert", "v2", NOON + timedelta(minutes=1))
    salon.at(hours=26)
    await salon.look()
    assert sorted(await salon.history()) == [(THANKS.word, "sent", ""), (THANKS.word, "skipped", "stale")]
    [message] = salon.sent()
    assert message.content.expire_time.ToDatetime(NOON.tzinfo) == NOON + timedelta(hours=26, minutes=1)


@pytest.mark.req("LIF-60", "EVT-102")
async def test_delivery_s_reasons_become_the_history_s(salon: Salon) -> None:
    anna = await salon.contact("anna")
    await salon.contact("bert")
    await salon.use(THANKS)
    salon.delivery.stopped[str(anna)] = "dnd_registered"
    await salon.visit("anna", "v1")
    await salon.visit("bert", "v2")
    salon.at(hours=2)
    await salon.look()
    expected = [(THANKS.word, "sent", ""), (THANKS.word, "skipped", "dnd_registered")]
    assert sorted(await salon.history()) == expected
    assert sorted(await salon.told()) == [
        ("trigger.fired", THANKS.word, ""),
        ("trigger.skipped", THANKS.word, "dnd_registered"),
    ]


@pytest.mark.req("LIF-60")
async def test_a_contact_without_an_address_and_a_trigger_without_a_template_are_skipped(
    salon: Salon,
) -> None:
    await salon.contact(phone="", email="anna@example.com")
    await salon.use(THANKS)
    await salon.visit()
    salon.at(hours=2)
    await salon.look()
    await salon.contact("bert")
    await salon.visit("bert", "v2")
    async with salon.database.tenant(salon.tenant_id) as uow:
        await uow.execute(
            "UPDATE trigger_config SET template_id = gen_random_uuid() WHERE tenant_id = %s", (uow.tenant_id,)
        )
    salon.at(hours=4)
    await salon.look()
    assert await salon.history() == [
        (THANKS.word, "skipped", "no_address"),
        (THANKS.word, "skipped", "no_template"),
    ]


async def change_settings(salon: Salon, **fields: object) -> None:
    stub = salon.served.person(SettingsServiceStub)
    known = (await stub.GetMarketingSettings(settings_pb.GetMarketingSettingsRequest())).settings
    wanted = settings_pb.MarketingSettings(etag=known.etag, **fields)  # type: ignore[arg-type]
    request = settings_pb.UpdateMarketingSettingsRequest(settings=wanted)
    request.update_mask.paths.extend(fields)
    await stub.UpdateMarketingSettings(request)


@pytest.mark.req("LIF-60")
async def test_nothing_is_sent_for_a_tenant_that_does_not_market_or_whose_month_is_spent(
    salon: Salon,
) -> None:
    await salon.contact()
    await salon.use(THANKS)
    await salon.visit(visit="v1")
    await change_settings(salon, marketing_enabled=False)
    salon.at(hours=2)
    await salon.look()
    await change_settings(salon, marketing_enabled=True)
    async with salon.database.tenant(salon.tenant_id) as uow:
        await uow.execute(
            "INSERT INTO budget_period (tenant_id, month, reserved, spent, limit_amount, created_at, updated_at)"
            " VALUES (%s, '2026-11', 0, 10, 10, now(), now())"
            " ON CONFLICT (tenant_id, month, branch_id) DO UPDATE SET spent = 10, limit_amount = 10",
            (uow.tenant_id,),
        )
    await salon.visit(visit="v2")
    salon.at(hours=4)
    await salon.look()
    assert [reason for _, _, reason in await salon.history()] == ["marketing_disabled", "budget_exceeded"]


@pytest.mark.req("LIF-62")
async def test_feedback_is_asked_before_thanks_are_said_when_both_are_due(salon: Salon) -> None:
    await salon.contact()
    await salon.use(*OF_VISIT)
    await salon.visit()
    salon.at(hours=24)
    await salon.look(hand_over=False)
    assert [kind for kind, _, _ in await salon.history()] == [FEEDBACK.word]
    await salon.hand_over()
    salon.at(hours=24, minutes=5)
    await salon.look(hand_over=False)
    await salon.hand_over()
    salon.at(hours=24, minutes=10)
    await salon.look()
    assert [one.content.trigger_type for one in salon.sent()] == [kind.word for kind in OF_VISIT]


@pytest.mark.req("LIF-62")
async def test_thanks_do_not_wait_for_ever_for_a_question_that_cannot_be_handed_over(salon: Salon) -> None:
    await salon.contact()
    await salon.use(FEEDBACK, THANKS)
    await salon.visit()
    salon.at(hours=2)
    await salon.look(hand_over=False)
    salon.at(hours=2, minutes=59)
    await salon.look(hand_over=False)
    assert len(await salon.history()) == 1
    salon.at(hours=3, minutes=5)
    await salon.look(hand_over=False)
    assert [kind for kind, _, _ in await salon.history()] == [FEEDBACK.word, THANKS.word]


@pytest.mark.req("LIF-63", "JOB-4", "JOB-42")
async def test_one_bad_occurrence_does_not_stop_the_others_and_fails_after_five_tries(salon: Salon) -> None:
    await salon.contact("anna")
    await salon.contact("bert")
    await salon.use(THANKS)
    await salon.visit("anna", "v1")
    await salon.visit("bert", "v2")
    async with salon.database.tenant(salon.tenant_id) as uow:
        # Another kind of value than any event tells.
        await uow.execute(
            "UPDATE trigger_anchor SET variables = '[1]' WHERE tenant_id = %s AND reference_id = 'v1'",
            (uow.tenant_id,),
        )
    for attempt in range(TRIES):
        salon.at(hours=2, minutes=6 * attempt)
        await salon.look()
        expected = [(THANKS.word, "sent", "")] + [(THANKS.word, "failed", "not_enqueued")] * (
            attempt == TRIES - 1
        )
        assert sorted(await salon.history(), reverse=True) == expected
    assert len(salon.sent()) == 1


@pytest.mark.req("LIF-63", "JOB-42")
async def test_a_tenant_whose_triggers_break_does_not_stop_another(salon: Salon) -> None:
    await salon.contact()
    await salon.use(THANKS)
    await salon.visit()
    broken = salon.tenant_id
    async with salon.database.tenant(broken) as uow:
        await uow.execute("DELETE FROM trigger_config WHERE tenant_id = %s", (broken,))
    salon.at(hours=2)
    counts = await salon.triggers._work_through(salon.context(), broken)
    assert (counts.seen, counts.failed) == (1, 1)


@pytest.mark.req("LIF-60")
async def test_a_message_that_cannot_be_handed_over_is_tried_again_and_refused_for_good_once(
    salon: Salon,
) -> None:
    await salon.contact()
    await salon.use(THANKS)
    await salon.visit(visit="v1")
    salon.at(hours=2)
    salon.delivery.error = unavailable("delivery")
    await salon.look()
    assert await salon.history() == [(THANKS.word, "queued", "")]
    salon.delivery.error = None
    salon.at(hours=2, minutes=5)
    await salon.look()
    assert await salon.history() == [(THANKS.word, "sent", "")]
    await salon.visit(visit="v2", at=NOON + timedelta(hours=24))
    salon.at(hours=26, minutes=30)
    salon.delivery.error = failed("MARKETING_DISABLED", "no")
    await salon.look()
    assert (await salon.history())[-1] == (THANKS.word, "failed", "marketing_disabled")
