"""Postmark signs nothing: only who knows the account's secret is heard."""

import base64
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from angarium.delivery.v1 import receipt_service_pb2 as delivery_pb2
from gateway.webhooks import postmark
from tests.gateway.conftest import Gateway

BODY = b'{"RecordType":"Delivery","MessageID":"1"}'
SECRET = "hook:s3cret:with-colon"


def basic(secret: str) -> dict[str, str]:
    return {"Authorization": f"Basic {base64.b64encode(secret.encode()).decode()}"}


@pytest.mark.req("GAT-20", "GAT-28")
@pytest.mark.parametrize("headers", [basic(SECRET), {"X-Angarium-Webhook-Secret": SECRET}])
async def test_the_secret_is_taken_as_password_or_header(gateway: Gateway, headers: dict[str, str]) -> None:
    gateway.delivery.shared_secret = SECRET
    async with gateway.post("/webhooks/postmark/known", data=BODY, headers=headers) as answer:
        assert answer.status == 200
    [stored] = gateway.delivery.of(delivery_pb2.RecordReceiptsRequest)
    assert stored.raw_body == BODY


@pytest.mark.req("GAT-20")
async def test_without_the_secret_nobody_is_heard_and_without_one_of_ours_neither(gateway: Gateway) -> None:
    attempts: list[tuple[str, str, dict[str, str]]] = [
        (SECRET, "known", {}),
        (SECRET, "known", basic("hook:wrong")),
        (SECRET, "known", {"Authorization": "Basic"}),
        (SECRET, "known", {"Authorization": f"Bearer {base64.b64encode(SECRET.encode()).decode()}"}),
        (SECRET, "known", {"X-Angarium-Webhook-Secret": "é"}),
        (SECRET, "stranger", basic(SECRET)),
        ("", "known", basic("")),
        ("", "known", {"X-Angarium-Webhook-Secret": ""}),
    ]
    for secret, token, headers in attempts:
        gateway.delivery.shared_secret = secret
        async with gateway.post(f"/webhooks/postmark/{token}", data=BODY, headers=headers) as answer:
            assert (answer.status, await answer.read()) == (401, b"")
        gateway.delivery.asked.clear()
    assert gateway.delivery.of(delivery_pb2.RecordReceiptsRequest) == []


@pytest.mark.req("REL-16")
@given(st.text(), st.text())
def test_no_header_makes_the_check_fall_over(authorization: str, header: str) -> None:
    material = delivery_pb2.VerificationMaterial(shared_secret=SECRET)
    headers = {"authorization": authorization, postmark.HEADER: header}
    assert not postmark.is_genuine(material, headers, BODY, datetime.now(UTC))
