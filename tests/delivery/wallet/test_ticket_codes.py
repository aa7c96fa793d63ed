"""A code proves its ticket for its slot and those beside it, or until it expires, and to its own tenant only."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import grpc
import pytest
import zxingcpp
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from angarium.delivery.v1 import wallet_service_pb2 as pb
from angarium.delivery.v1 import wallet_service_pb2_grpc
from services.common.rpc.status import from_rpc_error
from services.common.security.keys import KeySet
from services.common.security.tokens import TokenSigner
from services.delivery.wallet import qr
from tests.delivery.kit import House

SIGNER = TokenSigner(KeySet.parse("k1:" + "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE="))
TENANT = uuid4()
URL = "https://tickets.example/check?lane=2"


def read_picture(png: bytes) -> str:
    [found] = zxingcpp.read_barcodes(Image.open(io.BytesIO(png)))
    assert found.format == zxingcpp.BarcodeFormat.QRCode
    return str(found.text)


@pytest.mark.req("DEL-56", "DEL-101", "DEL-146")
async def test_the_picture_holds_the_payload_and_validates(house: House) -> None:
    wallets = wallet_service_pb2_grpc.WalletServiceStub(house.channel)
    mine = house.as_person()
    made = await wallets.CreateTicketQr(
        pb.CreateTicketQrRequest(ticket_ref="T-1", event_ref="E-1", validation_url=URL), metadata=mine
    )
    assert read_picture(made.png) == made.payload
    assert made.payload.startswith(URL + "&ticket=")
    left = made.expire_time.ToDatetime(tzinfo=UTC) - datetime.now(UTC)
    assert timedelta(0) < left <= qr.SLOT
    checked = await wallets.ValidateTicketQr(pb.ValidateTicketQrRequest(payload=made.payload), metadata=mine)
    assert (checked.is_valid, checked.reason) == (True, "")
    assert (checked.ticket_ref, checked.event_ref) == ("T-1", "E-1")
    foreign = await wallets.ValidateTicketQr(
        pb.ValidateTicketQrRequest(payload=made.payload), metadata=house.as_person(tenant_id=uuid4())
    )
    assert (foreign.is_valid, foreign.reason, foreign.ticket_ref) == (False, "invalid", "")


@pytest.mark.parametrize(
    ("wrong", "field", "reason"),
    [
        ({"validation_url": "http://tickets.example/"}, "validation_url", "UNSAFE_URL"),
        ({"validation_url": "https://tickets.example/#part"}, "validation_url", "UNSAFE_URL"),
        ({"ticket_ref": ""}, "ticket_ref", "VALIDATION_FAILED"),
        ({"scale": 41}, "scale", "VALIDATION_FAILED"),
        ({"expire_time": datetime(2020, 1, 1, tzinfo=UTC)}, "expire_time", "VALIDATION_FAILED"),
    ],
)
async def test_bad_input_is_named(house: House, wrong: dict[str, Any], field: str, reason: str) -> None:
    wallets = wallet_service_pb2_grpc.WalletServiceStub(house.channel)
    fields = {"ticket_ref": "T-1", "event_ref": "E-1", **wrong}
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await wallets.CreateTicketQr(pb.CreateTicketQrRequest(**fields), metadata=house.as_person())
    error = from_rpc_error(caught.value, "delivery")
    assert (error.reason, error.violations[0].field) == (reason, field)


@pytest.mark.req("DEL-101")
@given(
    second=st.integers(1_767_225_600_000, 1_893_456_000_000),
    offset=st.integers(-120_000, 120_000),
)
def test_a_rotating_code_is_good_in_its_slot_and_those_before_and_after(second: int, offset: int) -> None:
    made = datetime.fromtimestamp(second / 1000, UTC)
    asked = made + timedelta(milliseconds=offset)
    code = qr.rotating(SIGNER, TENANT, "T-1", "E-1", "", made)
    apart = int(asked.timestamp() // 30) - int(made.timestamp() // 30)
    if abs(apart) <= 1:
        assert qr.read(SIGNER, code.payload, asked, TENANT).ticket_ref == "T-1"
    else:
        with pytest.raises((qr.InvalidToken, qr.ExpiredToken)):
            qr.read(SIGNER, code.payload, asked, TENANT)


@pytest.mark.req("DEL-101")
@given(place=st.integers(0, 80), bit=st.integers(0, 7))
def test_a_code_with_any_bit_changed_is_refused(place: int, bit: int) -> None:
    now = datetime(2026, 11, 21, tzinfo=UTC)
    payload = qr.rotating(SIGNER, TENANT, "T-1", "E-1", "", now).payload
    place %= len(payload)
    forged = payload[:place] + chr(ord(payload[place]) ^ (1 << bit)) + payload[place + 1 :]
    if forged != payload:
        with pytest.raises((qr.InvalidToken, qr.ExpiredToken)) as caught:
            qr.read(SIGNER, forged, now, TENANT)
        assert caught.type is qr.InvalidToken
