import uuid
from datetime import timedelta

import orjson
import pytest

from services.delivery.providers import (
    Account,
    ConfigurationError,
    ReceiptKind,
    Result,
    open_provider,
    provider_names,
)
from services.delivery.providers.recording.adapter import Recording
from tests.delivery.providers.blocks import message, outcomes


def recording(*rules: dict, **config: object) -> Recording:
    return Recording(Account(uuid.uuid4(), "recording", {"rules": rules} | config))


@pytest.mark.req("DEL-79")
async def test_it_behaves_by_its_script_and_never_by_chance() -> None:
    provider = recording(
        {
            "address": "*@bad.example",
            "result": "permanent",
            "code": "invalid_recipient",
            "recipient_fault": True,
        },
        {"address": "a@*", "result": "retryable", "retry_after": 7, "times": 2},
    )
    for _ in range(2):
        bad, good, waits = await outcomes(
            provider, [message("x@BAD.example"), message("b@x.example"), message("a@x.example")]
        )
        assert (bad.result, bad.code, bad.recipient_fault) == (Result.PERMANENT, "invalid_recipient", True)
        assert good.result is Result.ACCEPTED
        assert (waits.result, waits.retry_after) == (Result.RETRYABLE, timedelta(seconds=7))
    assert (await outcomes(provider, [message("a@x.example")]))[0].result is Result.ACCEPTED


async def test_it_remembers_what_would_have_gone_out() -> None:
    provider = recording()
    await outcomes(provider, [message(name="Ada")])
    assert provider.recorded[0].parts["subject"] == "For Ada"
    assert provider.recorded[0].category == "offers"


def test_its_receipts_are_a_plain_list() -> None:
    sent = uuid.uuid4()
    raw = orjson.dumps(
        [
            {"id": "1", "kind": "delivered", "message_id": str(sent), "timestamp": 5},
            {"id": 2, "kind": "dance"},
            {},
        ]
    )
    first, second = recording().parse_receipts(raw, {})
    assert (first.kind, first.message_id) == (ReceiptKind.DELIVERED, sent)
    assert second.kind is ReceiptKind.IGNORED


@pytest.mark.parametrize("rule", [{}, {"result": "maybe"}, {"result": "accepted", "times": "x"}])
def test_a_malformed_script_is_refused(rule: dict) -> None:
    with pytest.raises(ConfigurationError):
        recording(rule)


def test_the_registry_opens_by_name_and_refuses_what_is_incomplete() -> None:
    assert {"sendgrid", "postmark", "smtp", "recording"} <= set(provider_names())
    assert open_provider(Account(uuid.uuid4(), "recording")).name == "recording"
    for incomplete in (Account(uuid.uuid4(), "carrier-pigeon"), Account(uuid.uuid4(), "sendgrid")):
        with pytest.raises(ConfigurationError) as caught:
            open_provider(incomplete)
        assert caught.value.reason == "PROVIDER_NOT_CONFIGURED"
