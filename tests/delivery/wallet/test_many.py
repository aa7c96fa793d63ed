"""Passes of tickets that belong together: offered by one link, voided and changed with their event."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import jwt
import pytest
from google.protobuf.field_mask_pb2 import FieldMask

from angarium.delivery.v1 import wallet_service_pb2 as pb
from angarium.delivery.v1 import wallet_service_pb2_grpc
from services.delivery.wallet import blocks
from tests.delivery.kit import House
from tests.delivery.wallet.conftest import Desk, request, unpacked
from tests.refusals import refused

IPHONE = {"User-Agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 20_0 like Mac OS X)"}
ANDROID = {"User-Agent": "Mozilla/5.0 (Linux; Android 16; Pixel 10)"}


class Seller:
    """Campaign, as it asks for passes."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._as_campaign = desk.house.as_service()

    async def offer(self, given: pb.OfferWalletPassesRequest) -> pb.OfferWalletPassesResponse:
        return await self._desk.wallets.OfferWalletPasses(given, metadata=self._as_campaign)

    async def void(self, **fields: Any) -> pb.VoidWalletPassesResponse:
        order = pb.VoidWalletPassesRequest(reason="ticket.cancelled", **fields)
        return await self._desk.wallets.VoidWalletPasses(order, metadata=self._as_campaign)

    async def change(self, *paths: str, after: str = "", **values: Any) -> pb.UpdateEventPassesResponse:
        order = pb.UpdateEventPassesRequest(
            event_ref="rosen-27",
            fields=pb.PassFields(**values),
            update_mask=FieldMask(paths=paths),
            after_pass_id=after,
        )
        return await self._desk.wallets.UpdateEventPasses(order, metadata=self._as_campaign)

    async def states(self) -> dict[str, set[int]]:
        found: dict[str, set[int]] = {}
        for ticket, state in await self._desk.house.rows("SELECT ticket_ref, state FROM wallet_pass"):
            found.setdefault(ticket, set()).add(state)
        return found


def offer(*tickets: str, **fields: Any) -> pb.OfferWalletPassesRequest:
    values = {"offer_id": str(uuid4()), "contact_id": str(uuid4()), **fields}
    return pb.OfferWalletPassesRequest(ticket_refs=tickets, fields=request().fields, **values)


@dataclass(frozen=True)
class Answer:
    """What the gateway answered."""

    status: int
    content_type: str
    location: str
    body: bytes


async def opened(desk: Desk, url: str, agent: dict[str, str]) -> Answer:
    async with desk.session.get(url, allow_redirects=False, headers=agent) as answer:
        return Answer(
            answer.status, answer.content_type, answer.headers.get("Location", ""), await answer.read()
        )


@pytest.mark.req("EVT-33", "DEL-100", "GAT-13")
async def test_one_link_leads_to_all_tickets_in_the_wallet_of_whoever_opens_it(desk: Desk) -> None:
    seller, wanted = Seller(desk), offer("T-1", "T-2")
    made = await seller.offer(wanted)
    assert made.pass_count == 4, "two tickets, two wallets"
    apple = await opened(desk, made.download_url, IPHONE)
    assert (apple.status, apple.content_type) == (200, "application/vnd.apple.pkpasses")
    files = unpacked(apple.body)
    serials = [json.loads(unpacked(one)["pass.json"])["serialNumber"] for one in files.values()]
    assert (sorted(files), serials) == (["1.pkpass", "2.pkpass"], ["T-1", "T-2"])
    google = await opened(desk, made.download_url, ANDROID)
    claims = jwt.decode(google.location.rpartition("/")[2], options={"verify_signature": False})
    assert [one["ticketNumber"] for one in claims["payload"]["eventTicketObjects"]] == ["T-1", "T-2"]
    again = await seller.offer(wanted)
    assert (again.download_url, again.pass_count) == (made.download_url, 4)
    assert await desk.house.value("SELECT max(version) FROM wallet_pass") == 1


@pytest.mark.req("EVT-34", "EVT-36", "DEL-100")
async def test_a_ticket_that_went_leaves_its_offer_and_a_repeat_does_not_bring_it_back(desk: Desk) -> None:
    seller, wanted = Seller(desk), offer("T-1", "T-2")
    made = await seller.offer(wanted)
    somebody = str(uuid4())
    assert (await seller.void(ticket_refs=["T-1"], contact_id=somebody)).voided_count == 0
    assert (await seller.void(ticket_refs=["T-1"], contact_id=wanted.contact_id)).voided_count == 2
    assert (await seller.void(ticket_refs=["T-1"])).voided_count == 0
    single = await opened(desk, made.download_url, IPHONE)
    assert single.content_type == "application/vnd.apple.pkpass"
    assert (await seller.offer(wanted)).pass_count == 2
    # Whoever has the ticket now is offered it by a link of their own.
    theirs = await seller.offer(offer("T-1", "T-2", contact_id=somebody))
    assert theirs.pass_count == 2
    assert (
        json.loads(unpacked((await opened(desk, made.download_url, IPHONE)).body)["pass.json"])[
            "serialNumber"
        ]
        == "T-2"
    )
    await seller.void(ticket_refs=["T-2"])
    assert (await opened(desk, made.download_url, IPHONE)).status == 404


@pytest.mark.req("EVT-43")
async def test_an_event_that_is_called_off_takes_all_its_passes_along(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blocks, "VOIDED_AT_ONCE", 4)
    seller = Seller(desk)
    await seller.offer(offer("T-1", "T-2", "T-3"))
    await desk.create(ticket_ref="T-9", event_ref="other-27")
    first, second = [await seller.void(event_ref="rosen-27") for _ in range(2)]
    assert (first.voided_count, first.has_more) == (4, True)
    assert (second.voided_count, second.has_more) == (2, False)
    assert await seller.states() == {"T-1": {2}, "T-2": {2}, "T-3": {2}, "T-9": {1}}
    assert await desk.house.value("SELECT count(*) FROM audit WHERE action = 'wallet_pass.void'") == 6


@pytest.mark.req("EVT-44")
async def test_an_event_that_moves_changes_what_its_passes_show_once(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blocks, "CHANGED_AT_ONCE", 2)
    seller = Seller(desk)
    made = await seller.offer(offer("T-1", "T-2"))
    for count in (2, 0):
        first = await seller.change("venue_name", venue_name="Arena")
        second = await seller.change("venue_name", venue_name="Arena", after=first.next_pass_id)
        assert (first.updated_count, second.updated_count) == (count, count)
        assert (
            await seller.change("venue_name", venue_name="Arena", after=second.next_pass_id)
        ).next_pass_id == ""
    assert await desk.house.rows("SELECT DISTINCT version FROM wallet_pass") == [(2,)]
    file = unpacked((await opened(desk, made.download_url, IPHONE)).body)["1.pkpass"]
    shown = json.loads(unpacked(file)["pass.json"])["eventTicket"]
    assert shown["secondaryFields"][0]["value"] == "Arena"
    assert shown["auxiliaryFields"][0]["value"] == "Parkett 4, 12"
    error = await refused(seller.change("seat", seat="Loge 1"))
    assert error.reason == "VALIDATION_FAILED"


@pytest.mark.req("EVT-33")
async def test_nothing_is_offered_where_nobody_signs_passes(house: House) -> None:
    wallets = wallet_service_pb2_grpc.WalletServiceStub(house.channel)
    error = await refused(wallets.OfferWalletPasses(offer("T-1"), metadata=house.as_service()))
    assert error.reason == "PROVIDER_NOT_CONFIGURED"
    assert await house.value("SELECT count(*) FROM wallet_pass") == 0
