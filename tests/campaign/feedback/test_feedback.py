"""Feedback: asked by link, answered once, told to those who should know, looked after and counted."""

from __future__ import annotations

import asyncio
import re
from datetime import UTC, datetime, timedelta
from typing import cast
from uuid import UUID, uuid4

import pytest

from angarium.campaign.v1 import contact_service_pb2, feedback_pb2
from angarium.campaign.v1 import feedback_service_pb2 as pb
from angarium.campaign.v1.contact_service_pb2_grpc import ContactServiceStub
from angarium.campaign.v1.feedback_service_pb2_grpc import FeedbackServiceStub
from angarium.common.v1 import contact_data_pb2
from angarium.common.v1.contact_data_pb2_grpc import ContactDataServiceStub
from services.campaign.feedback import requests, wiring
from services.campaign.feedback.domain import Asking
from services.campaign.feedback.requests import FeedbackLinks
from services.campaign.settings import CampaignSettings
from services.common.clock import FixedClock
from services.common.security.tokens import Purpose, TokenSigner
from tests.campaign.coupons.given import contact
from tests.campaign.feedback.given import (
    alerted,
    answer,
    branch,
    gate,
    later,
    link,
    neighbour,
    of_branch,
    reason_of,
    received,
    staff,
    visit,
)
from tests.gateway.conftest import open_door
from tests.house import Served

pytestmark = pytest.mark.asyncio(loop_scope="module")

DAY = timedelta(days=1)


async def resolved(shop: Served, token: str) -> pb.ResolveFeedbackTokenResponse:
    return await gate(shop).ResolveFeedbackToken(pb.ResolveFeedbackTokenRequest(token=token))


async def everything(stub: FeedbackServiceStub, **filters: object) -> list[feedback_pb2.Feedback]:
    request = pb.ListFeedbackRequest(**filters)  # type: ignore[arg-type]
    return list((await stub.ListFeedback(request)).feedback)


@pytest.mark.req("LIF-42", "LIF-15")
async def test_a_link_tells_whose_page_it_opens_and_changes_nothing(shop: Served) -> None:
    anna = await contact(shop, first_name="Anna", language_code="fr")
    north = await branch(shop, "North", time_zone="Asia/Tokyo")
    evening = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)
    token = await link(shop, anna, branch_id=north, visited_at=evening)
    for _ in range(2):
        found = await resolved(shop, token)
        assert (found.tenant_name, found.branch_name, found.language_code) == ("Bazaar", "North", "fr")
        assert found.visit_date == "2026-11-21"
        assert found.is_open
        assert not found.HasField("feedback")
    assert await received(shop) == []
    bare = await resolved(shop, await link(shop, await contact(shop)))
    assert (bare.visit_date, bare.branch_name, bare.language_code) == ("", "", "en")


@pytest.mark.req("LIF-15", "LIF-118")
async def test_a_contact_has_one_request_for_a_visit_and_a_block_of_askings_costs_one_statement(
    shop: Served,
) -> None:
    anna, bob = await contact(shop), await contact(shop)
    links = FeedbackLinks(cast("CampaignSettings", shop.settings))
    askings = [Asking(UUID(one), ref) for one in (anna, bob) for ref in ("a", "b", "a")]
    async with shop.service.database.tenant(shop.tenant_id) as uow:
        urls = await links.links_for(uow, askings)
        assert len(await links.links_for(uow, [])) == 0
    assert len(urls) == 6
    assert len(set(urls)) == 4
    assert urls[0] == urls[2]
    assert all(url.startswith(f"{shop.settings.public_base_url}/feedback/") for url in urls)
    await answer(shop, urls[0].rpartition("/")[2])
    async with shop.service.database.tenant(shop.tenant_id) as uow:
        visits = [(UUID(anna), "a"), (UUID(anna), "b"), (UUID(bob), "a")]
        assert await requests.answered(uow, visits) == {(UUID(anna), "a")}
        rows = await uow.fetch_all("SELECT responded_at IS NOT NULL FROM feedback_request ORDER BY 1")
    assert rows == [(False,), (False,), (False,), (True,)]


@pytest.mark.req("LIF-43", "EVT-118")
async def test_a_visit_is_rated_once_and_its_comment_may_change_for_a_day(shop: Served) -> None:
    anna = await contact(shop)
    token = await link(shop, anna)
    first = await answer(shop, token, 4, " Good\r\ncoffee ", key="k")
    assert (first.rating, first.comment, first.reference_id) == (4, "Good\ncoffee", "visit-1")
    assert first.source == feedback_pb2.Feedback.SOURCE_LINK
    repeated = await gate(shop).SubmitFeedback(
        pb.SubmitFeedbackRequest(token=token, rating=4, comment=" Good\r\ncoffee ", idempotency_key="k")
    )
    assert repeated.deduplicated
    with later(shop, timedelta(hours=23)):
        edited = await answer(shop, token, 1, "Good coffee, cold soup")
        assert (edited.feedback_id, edited.rating, edited.comment) == (
            first.feedback_id,
            4,
            "Good coffee, cold soup",
        )
        found = await resolved(shop, token)
        assert found.is_open
        assert found.feedback == edited
    with later(shop, DAY):
        assert not (await resolved(shop, token)).is_open
        assert await reason_of(answer(shop, token, 4, "Too late")) == "INVALID_TOKEN"
    [event] = await received(shop)
    assert (event.contact_id, event.rating, event.low, event.source) == (anna, 4, False, "link")
    assert "coffee" not in str(event)


@pytest.mark.req("LIF-43", "LIF-118")
async def test_of_answers_that_come_at_once_one_is_the_answer(shop: Served) -> None:
    token = await link(shop, await contact(shop))
    given = await asyncio.gather(*(answer(shop, token, 3, "the same") for _ in range(6)))
    assert len({one.feedback_id for one in given}) == 1
    assert len(await received(shop)) == 1


@pytest.mark.req("LIF-94", "SEC-61", "SEC-62")
async def test_what_is_no_rating_or_no_link_is_refused(shop: Served) -> None:
    anna = await contact(shop)
    token = await link(shop, anna)
    for rating in (0, 6, -1):
        assert await reason_of(answer(shop, token, rating)) == "VALIDATION_FAILED"
    assert await reason_of(answer(shop, token, 3, "x" * 2001)) == "VALIDATION_FAILED"
    with later(shop, 30 * DAY):
        assert await reason_of(answer(shop, token)) == "TOKEN_EXPIRED"
        assert await reason_of(resolved(shop, token)) == "TOKEN_EXPIRED"
        # Asked again, the contact has a link to the same request that is good.
        assert (await resolved(shop, await link(shop, anna))).is_open
    signer = TokenSigner(shop.settings.token_keys)
    clock = shop.service.database.clock
    times = {"issued": clock.now(), "expires": clock.now() + DAY}
    body = uuid4().bytes
    others = [
        signer.sign(Purpose.PREFERENCES, shop.tenant_id, body, **times),
        signer.sign(Purpose.FEEDBACK, shop.tenant_id, body, **times),
        signer.sign(Purpose.FEEDBACK, shop.tenant_id, b"short", **times),
        signer.sign(Purpose.FEEDBACK, uuid4(), body, **times),
        token[:-2],
        "forged",
    ]
    for other in others:
        assert await reason_of(resolved(shop, other)) == "INVALID_TOKEN"
        assert await reason_of(answer(shop, other)) == "INVALID_TOKEN"
    assert await received(shop) == []


@pytest.mark.req("LIF-86", "EVT-118")
async def test_a_low_rating_is_told_to_the_managers_of_its_branch_and_without_one_to_the_owners(
    shop: Served,
) -> None:
    north = await branch(shop, "North")
    anna = await contact(shop)
    for number, (rating, where) in enumerate(((2, north), (3, north), (1, ""))):
        await answer(shop, await link(shop, anna, f"v{number}", where), rating, "The soup was cold")
    assert [(one.rating, one.low, one.branch_id) for one in await received(shop)] == [
        (2, True, north),
        (3, False, north),
        (1, True, ""),
    ]
    first, second = await alerted(shop)
    assert first[:3] == ("feedback-low", "branch_manager", UUID(north))
    assert (first[3]["rating"], first[3]["branchName"], first[3]["referenceId"]) == (2, "North", "v0")
    assert second[:3] == ("feedback-low", "super_owner", None)
    assert "soup" not in str(first) + str(second)


@pytest.mark.req("LIF-43", "LIF-15")
async def test_staff_and_neighbours_bring_what_they_heard_and_it_counts_as_the_answer(shop: Served) -> None:
    north = await branch(shop, "North")
    anna = await contact(shop, branch_id=north)
    token = await link(shop, anna, branch_id=north)
    told = (await staff(shop, "branch_manager").SubmitFeedback(visit(anna, 5))).feedback
    assert told.source == feedback_pb2.Feedback.SOURCE_STAFF
    assert (told.branch_id, bool(told.request_id)) == (north, True)
    assert (await resolved(shop, token)).feedback == told
    till = neighbour(shop)
    brought = (await till.SubmitFeedback(visit(anna, 4, "till-7"))).feedback
    assert brought.source == feedback_pb2.Feedback.SOURCE_API
    assert (brought.branch_id, brought.request_id) == (north, "")
    with later(shop, DAY):
        assert await reason_of(till.SubmitFeedback(visit(anna, 1, "till-7"))) == "ALREADY_EXISTS"
    assert await reason_of(till.SubmitFeedback(visit(str(uuid4())))) == "NOT_FOUND"
    assert await reason_of(till.SubmitFeedback(visit(anna, branch_id=str(uuid4())))) == "NOT_FOUND"


@pytest.mark.req("LIF-42", "LIF-43", "SEC-44")
async def test_links_come_from_the_gateway_alone_and_nothing_else_does(shop: Served) -> None:
    anna = await contact(shop)
    token = await link(shop, anna)
    by_token = pb.SubmitFeedbackRequest(token=token, rating=5)
    asked = pb.ResolveFeedbackTokenRequest(token=token)
    denied = [
        staff(shop).SubmitFeedback(by_token),
        neighbour(shop).SubmitFeedback(by_token),
        gate(shop).SubmitFeedback(visit(anna)),
        staff(shop, "receptionist").SubmitFeedback(visit(anna)),
        staff(shop).ResolveFeedbackToken(asked),
        staff(shop, "receptionist").HandleFeedback(
            pb.HandleFeedbackRequest(feedback_id=str(uuid4()), note="n")
        ),
    ]
    for call in denied:
        assert await reason_of(call) == "PERMISSION_DENIED"
    assert await received(shop) == []


@pytest.mark.req("LIF-44", "SEC-31", "GEN-11")
async def test_feedback_is_listed_looked_after_and_counted_within_ones_branches(shop: Served) -> None:
    north, south = await branch(shop, "North"), await branch(shop, "South")
    anna, bob = await contact(shop), await contact(shop)
    for number, (who, where, rating) in enumerate(
        [(anna, north, 1), (anna, north, 5), (bob, south, 2), (bob, south, 4), (bob, "", 4)]
    ):
        await answer(shop, await link(shop, who, f"v{number}", where), rating, f"said {number}")
    manager = of_branch(shop, north)
    assert [one.rating for one in await everything(staff(shop))] == [4, 4, 2, 5, 1]
    assert [one.rating for one in await everything(manager)] == [5, 1]
    assert [one.rating for one in await everything(staff(shop), ratings=[1, 2])] == [2, 1]
    assert [one.rating for one in await everything(staff(shop), contact_id=bob, branch_id=south)] == [4, 2]
    low = (await everything(manager, ratings=[1]))[0]
    foreign = (await everything(staff(shop), branch_id=south))[0]
    assert low.is_low
    handled = await manager.HandleFeedback(
        pb.HandleFeedbackRequest(feedback_id=low.feedback_id, note=" Called, invited back ")
    )
    assert (handled.feedback.handled_by, handled.feedback.handled_note) == ("bea", "Called, invited back")
    assert handled.feedback.comment == "said 0"
    assert [one.rating for one in await everything(manager, is_handled=False)] == [5]
    assert [one.rating for one in await everything(manager, is_handled=True)] == [1]
    for note, feedback_id, reason in (
        ("ok", foreign.feedback_id, "NOT_FOUND"),
        ("ok", str(uuid4()), "NOT_FOUND"),
        (" ", low.feedback_id, "VALIDATION_FAILED"),
    ):
        request = pb.HandleFeedbackRequest(feedback_id=feedback_id, note=note)
        assert await reason_of(manager.HandleFeedback(request)) == reason
    whole = await staff(shop).GetFeedbackSummary(pb.GetFeedbackSummaryRequest())
    assert (whole.count, whole.average, whole.unhandled_low_count) == (5, 3.2, 1)
    assert [(one.rating, one.count) for one in whole.distribution] == [(1, 1), (2, 1), (3, 0), (4, 2), (5, 1)]
    own = await manager.GetFeedbackSummary(pb.GetFeedbackSummaryRequest())
    assert (own.count, own.average, own.unhandled_low_count) == (2, 3.0, 0)


@pytest.mark.req("LIF-44")
async def test_pages_follow_each_other_and_ranges_have_a_start_and_an_end(shop: Served) -> None:
    anna = await contact(shop)
    now = shop.service.database.clock.now()
    for number in range(3):
        with later(shop, number * DAY):
            await answer(shop, await link(shop, anna, f"v{number}"), 3 + number)
    stub, seen, token = staff(shop), [], ""
    while True:
        page = await stub.ListFeedback(pb.ListFeedbackRequest(page_size=2, page_token=token))
        seen += [one.rating for one in page.feedback]
        token = page.next_page_token
        if not token:
            break
    assert seen == [5, 4, 3]
    request = pb.GetFeedbackSummaryRequest()
    request.start_time.FromDatetime(now + DAY)
    request.end_time.FromDatetime(now + 2 * DAY)
    found = await stub.GetFeedbackSummary(request)
    assert (found.count, found.average) == (1, 4.0)
    listed = pb.ListFeedbackRequest(start_time=request.start_time, end_time=request.end_time)
    assert [one.rating for one in (await stub.ListFeedback(listed)).feedback] == [4]
    request.end_time.FromDatetime(now)
    assert await reason_of(stub.GetFeedbackSummary(request)) == "VALIDATION_FAILED"
    request.end_time.FromDatetime(now + 9 * DAY)
    request.start_time.FromDatetime(now + 8 * DAY)
    empty = await stub.GetFeedbackSummary(request)
    assert (empty.count, empty.HasField("average"), len(empty.distribution)) == (0, False, 5)


@pytest.mark.req("CON-90", "CON-91")
async def test_an_erased_contact_leaves_its_rating_and_no_word(shop: Served) -> None:
    anna = await contact(shop)
    token = await link(shop, anna)
    open_token = await link(shop, anna, "visit-2")
    await answer(shop, token, 2, "My name is Anna Ott")
    [given] = await everything(staff(shop))
    await staff(shop).HandleFeedback(
        pb.HandleFeedbackRequest(feedback_id=given.feedback_id, note="Called Anna Ott")
    )
    service = shop.caller(ContactDataServiceStub, "consent")
    named = {"contact_id": anna, "privacy_request_id": str(uuid4())}
    blocks = service.ExportContactData(contact_data_pb2.ExportContactDataRequest(**named))
    exported = "".join([str(block) async for block in blocks])
    assert "My name is Anna Ott" in exported
    assert "visit-2" in exported
    request = contact_data_pb2.EraseContactDataRequest(tombstone_id=str(uuid4()), **named)
    while (await service.EraseContactData(request)).remaining_count:
        pass
    [left] = await everything(staff(shop))
    assert (left.rating, left.comment, left.handled_note) == (2, "", "")
    assert left.contact_id == request.tombstone_id
    assert await reason_of(resolved(shop, token)) == "INVALID_TOKEN"
    assert await reason_of(answer(shop, open_token)) == "INVALID_TOKEN"
    assert await reason_of(staff(shop).SubmitFeedback(visit(anna))) == "CONTACT_ERASED"


@pytest.mark.req("CAM-79", "LIF-43")
async def test_links_and_answers_of_a_merged_contact_are_the_kept_ones(shop: Served) -> None:
    kept, merged = await contact(shop), await contact(shop)
    shared = [await link(shop, one, "shared") for one in (kept, merged)]
    token = await link(shop, merged, "own")
    await answer(shop, shared[0], 5, "kept")
    await answer(shop, shared[1], 3, "merged")
    await shop.person(ContactServiceStub).MergeContacts(
        contact_service_pb2.MergeContactsRequest(keep_contact_id=kept, merge_contact_id=merged)
    )
    assert (await answer(shop, token, 4)).contact_id == kept
    found = await everything(staff(shop), contact_id=kept)
    assert [(one.reference_id, one.rating) for one in found] == [("own", 4), ("shared", 5)]


@pytest.mark.req("GEN-47", "LIF-15")
async def test_requests_end_with_their_links_and_feedback_after_two_years(shop: Served) -> None:
    await answer(shop, await link(shop, await contact(shop)))
    now = shop.service.database.clock.now()

    async def left() -> tuple[int, int]:
        async with shop.service.database.tenant(shop.tenant_id) as uow:
            asked = await uow.fetch_value("SELECT count(*) FROM feedback_request")
            return asked, await uow.fetch_value("SELECT count(*) FROM feedback")

    counts = []
    for days in (29, 31, 729, 731):
        async with shop.service.database.system() as uow:
            await wiring.keep(uow, now + days * DAY, 500)
        counts.append(await left())
    assert counts == [(1, 1), (0, 1), (0, 1), (0, 0)]


@pytest.mark.req("GAT-12", "LIF-42", "LIF-43")
async def test_a_visit_is_rated_from_the_link_to_the_list(shop: Served, redis_url: str) -> None:
    north = await branch(shop, "North")
    anna = await contact(shop, language_code="de")
    token = await link(shop, anna, branch_id=north, visited_at=shop.service.database.clock.now())
    clock = cast("FixedClock", shop.service.database.clock)
    async with open_door(clock, campaign_address=shop.address, redis_url=redis_url) as (url, session):
        page = f"{url}/feedback/{token}"
        async with session.get(page) as answer:
            text = await answer.text()
        assert "Wie war Ihr Besuch?" in text
        assert "North · 21. November 2026" in text
        [form_token] = re.findall(r'name="form_token" value="(\w+)"', text)
        form = {"form_token": form_token, "rating": "2", "comment": "Kalter Kaffee"}
        for _ in range(2):
            async with session.post(page, data=form) as answer:
                assert answer.status == 200
        with later(shop, DAY):
            async with session.post(page, data=form) as answer:
                assert answer.status == 410
            async with session.get(page) as answer:
                assert answer.status == 410
    [given] = await everything(of_branch(shop, north))
    assert (given.rating, given.comment, given.contact_id) == (2, "Kalter Kaffee", anna)
    assert len(await received(shop)) == len(await alerted(shop)) == 1


@pytest.mark.req("LIF-15", "EVT-118")
async def test_an_answer_names_the_message_that_asked(shop: Served) -> None:
    anna, message_id = await contact(shop), uuid4()
    token = await link(shop, anna)
    async with shop.service.database.tenant(shop.tenant_id) as uow:
        asked = [(UUID(anna), visit, message_id) for visit in ("visit-1", "visit-2")]
        await requests.sent(uow, asked)
    await answer(shop, token)
    await answer(shop, await link(shop, anna, "visit-2"))
    assert [one.message_id for one in await received(shop)] == [str(message_id), ""]
