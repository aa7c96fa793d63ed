"""Looking numbers up: by Twilio as the sandbox emulates it, and by their format where nobody can be asked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import grpc
import pytest

from angarium.common.v1 import enums_pb2
from angarium.delivery.v1 import provider_service_pb2 as pb
from sandbox.runner import started
from sandbox.settings import Address, Settings
from tests.delivery.outside import Outside, struct

TWILIO = {"account_sid": "AC" + "0" * 32, "from": "+12025550100"}


async def look_up(outside: Outside, phone: str, **fields: Any) -> pb.LookupPhoneResponse:
    return await outside.providers.LookupPhone(
        pb.LookupPhoneRequest(phone=phone, **fields), metadata=outside.house.as_service("consent")
    )


@pytest.mark.req("DEL-41")
async def test_without_a_lookup_the_format_is_all_that_is_known(outside: Outside) -> None:
    found = await look_up(outside, "0151 12345678", region_code="DE")
    assert (found.is_valid, found.phone, found.country_code) == (True, "+4915112345678", "DE")
    assert (found.source, found.provider) == (pb.LookupPhoneResponse.SOURCE_FORMAT, "")
    assert found.line_type == pb.LookupPhoneResponse.LINE_TYPE_UNSPECIFIED
    # A number without its country is nobody's: none is guessed.
    for wrong in ("0151 12345678", "nobody", "+1"):
        found = await look_up(outside, wrong)
        assert (found.is_valid, found.phone) == (False, "")
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await look_up(outside, "")
    assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT


@pytest.mark.req("DEL-41")
async def test_a_provider_that_can_be_asked_says_what_a_number_is(outside: Outside, tmp_path: Path) -> None:
    settings = Settings(
        http=Address("127.0.0.1", 0),
        smtp=Address("127.0.0.1", 0),
        database=tmp_path / "sandbox.sqlite",
        seed="test",
        gateway_url="http://127.0.0.1:1",
        webhook_url="http://127.0.0.1:1/webhooks/sendgrid/token",
        signing_key=tmp_path / "key.pem",
    )
    async with started(settings) as running:
        account = pb.ProviderAccount(
            channel=enums_pb2.CHANNEL_SMS,
            provider="twilio",
            name="texts",
            config=struct(**TWILIO, base_url=f"http://127.0.0.1:{running.http_port}"),
        )
        await outside.providers.CreateProviderAccount(
            pb.CreateProviderAccountRequest(provider_account=account, credentials={"auth_token": "secret"}),
            metadata=outside.house.as_person(),
        )
        found = await look_up(outside, "+12025550100")
        assert (found.source, found.provider) == (pb.LookupPhoneResponse.SOURCE_PROVIDER, "twilio")
        assert (found.is_valid, found.country_code) == (True, "US")
        assert found.line_type == pb.LookupPhoneResponse.LINE_TYPE_MOBILE
        assert (await look_up(outside, "+12025550112")).line_type == pb.LookupPhoneResponse.LINE_TYPE_FIXED
        assert not (await look_up(outside, "+12025550111")).is_valid
    # The provider is away: the format is said, and said to be all.
    found = await look_up(outside, "+12025550100")
    assert (found.is_valid, found.source) == (True, pb.LookupPhoneResponse.SOURCE_FORMAT)
