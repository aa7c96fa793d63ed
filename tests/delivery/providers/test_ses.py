"""The adapter of SES: what shares a request, what its statuses mean, what a check finds."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Any

import pytest

from services.delivery.providers import Account, Attachment, Code, Result
from services.delivery.providers.kinds import Rules
from services.delivery.providers.ses.adapter import Ses
from services.delivery.providers.ses.kind import KIND
from tests.delivery.providers.blocks import message, outcomes
from tests.delivery.providers.fake_ses import TOPIC
from tests.delivery.providers.rigs import ses
from tests.delivery.providers.rigs.base import Rig, account

CONFIG = {"region": "eu-central-1", "from_address": "news@acme.example"}


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    async with AsyncExitStack() as stack:
        made = await ses.opened(stack)
        yield made
        await made.provider.close()


def kinds(rig: Rig) -> list[tuple[str, int]]:
    return [(kind, len(body.get("BulkEmailEntries", "1"))) for kind, body in rig.server.requests]


@pytest.mark.req("DEL-109", "DEL-103")
async def test_fifty_recipients_share_a_request_and_its_content(rig: Rig) -> None:
    sent = [message(f"r{n}@example.com", name=f"R{n}") for n in range(120)]
    results = await outcomes(rig.provider, sent)
    assert sorted(count for _, count in kinds(rig)) == [20, 50, 50]
    assert len({one.provider_message_id for one in results}) == 120
    body = rig.server.requests[0][1]
    assert body["FromEmailAddress"] == "Acme <news@acme.example>"
    assert body["ReplyToAddresses"] == ["help@acme.example"]
    assert body["ConfigurationSetName"] == "news"
    entry = body["BulkEmailEntries"][0]
    tags = {tag["Name"]: tag["Value"] for tag in entry["ReplacementTags"]}
    assert tags.pop("angarium_message_id") in {str(one.message_id) for one in sent}
    assert tags == {
        "angarium_tenant_id": "t1",
        "angarium_campaign_id": "c-1",
        "category": "offers",
        "template": "autumn",
    }
    headers = {header["Name"]: header["Value"] for header in entry["ReplacementHeaders"]}
    assert headers == {
        "List-Unsubscribe": "<https://m.example/u/1>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }


async def test_no_more_recipients_share_a_request_than_the_account_may_write_to_in_a_second(rig: Rig) -> None:
    rig.server.rate = 14.0
    await outcomes(rig.provider, [message(f"r{n}@example.com") for n in range(30)])
    assert sorted(count for _, count in kinds(rig)) == [2, 14, 14]


async def test_a_key_that_may_not_ask_for_the_rate_sends_full_requests(rig: Rig) -> None:
    rig.server.account_status = 403
    await outcomes(rig.provider, [message(f"r{n}@example.com") for n in range(60)])
    assert sorted(count for _, count in kinds(rig)) == [10, 50]


async def test_what_could_be_taken_for_a_variable_travels_whole(rig: Rig) -> None:
    plain, marked = message("a@example.com"), message("b@example.com", name="{{name}}", note="{{/each}}")
    results = await outcomes(rig.provider, [plain, marked])
    assert {one.result for one in results} == {Result.ACCEPTED}
    assert sorted(kinds(rig)) == [("bulk", 1), ("single", 1)]
    [seen] = [one for one in rig.received() if one["to"] == "b@example.com"]
    assert seen["subject"] == "For {{name}}"


async def test_files_travel_with_single_messages(rig: Rig) -> None:
    file = Attachment("a.pdf", "application/pdf", b"%PDF")
    await outcomes(rig.provider, [message()], attachments=(file,))
    [(kind, body)] = rig.server.requests
    [sent] = body["Content"]["Simple"]["Attachments"]
    assert (kind, sent["FileName"], sent["RawContent"]) == ("single", "a.pdf", "JVBERg==")


@pytest.mark.req("DEL-82", "DEL-83")
async def test_bad_addresses_are_found_by_halving_and_the_others_leave_once(rig: Rig) -> None:
    rig.server.bad_addresses = {"r3@example.com", "r17@example.com"}
    sent = [message(f"r{n}@example.com") for n in range(40)]
    results = dict(zip((one.address for one in sent), await outcomes(rig.provider, sent), strict=True))
    for address, outcome in results.items():
        is_bad = address in rig.server.bad_addresses
        expected = (
            (Result.PERMANENT, Code.INVALID_RECIPIENT, True) if is_bad else (Result.ACCEPTED, "", False)
        )
        assert (outcome.result, outcome.code, outcome.recipient_fault) == expected
    assert len(rig.received()) == 38


@pytest.mark.req("DEL-77", "DEL-82")
@pytest.mark.parametrize(
    ("status", "result", "code", "recipient", "provider"),
    [
        ("ACCOUNT_THROTTLED", Result.RETRYABLE, Code.RATE_LIMITED, False, True),
        ("TRANSIENT_FAILURE", Result.RETRYABLE, Code.UNAVAILABLE, False, True),
        ("ACCOUNT_DAILY_QUOTA_EXCEEDED", Result.RETRYABLE, Code.CREDENTIALS, False, True),
        ("ACCOUNT_SUSPENDED", Result.RETRYABLE, Code.CREDENTIALS, False, True),
        ("CONFIGURATION_SET_SENDING_PAUSED", Result.RETRYABLE, Code.CREDENTIALS, False, True),
        ("MESSAGE_REJECTED", Result.PERMANENT, Code.CONTENT_REFUSED, False, False),
        ("MAIL_FROM_DOMAIN_NOT_VERIFIED", Result.PERMANENT, Code.SENDER_REFUSED, False, False),
        ("INVALID_PARAMETER", Result.PERMANENT, Code.INVALID_RECIPIENT, True, False),
        ("TEMPLATE_DOES_NOT_EXIST", Result.PERMANENT, Code.REQUEST_REFUSED, False, False),
        ("FAILED", Result.RETRYABLE, "", False, False),
        ("SOMETHING_NEW", Result.RETRYABLE, "", False, False),
    ],
)
async def test_a_status_speaks_of_its_entry_only(
    rig: Rig, status: str, result: Result, code: str, recipient: bool, provider: bool
) -> None:
    rig.server.statuses["bad@example.com"] = status
    bad, good = await outcomes(rig.provider, [message("bad@example.com"), message("good@example.com")])
    assert (bad.result, bad.code, bad.recipient_fault, bad.provider_fault) == (
        result,
        code,
        recipient,
        provider,
    )
    assert bad.reason.startswith(status)
    assert "@" not in bad.reason
    assert good.result is Result.ACCEPTED


@pytest.mark.req("DEL-77", "DEL-78", "DEL-82")
@pytest.mark.parametrize(
    ("fault", "result", "code"),
    [
        ("429", Result.RETRYABLE, Code.RATE_LIMITED),
        ("ThrottlingException", Result.RETRYABLE, Code.RATE_LIMITED),
        ("AccountSuspendedException", Result.RETRYABLE, Code.CREDENTIALS),
        ("SendingPausedException", Result.RETRYABLE, Code.CREDENTIALS),
        ("InvalidSignatureException", Result.RETRYABLE, Code.CREDENTIALS),
        ("MessageRejected", Result.PERMANENT, Code.CONTENT_REFUSED),
        ("MailFromDomainNotVerifiedException", Result.PERMANENT, Code.SENDER_REFUSED),
        ("BadRequestException", Result.PERMANENT, Code.REQUEST_REFUSED),
        ("504", Result.UNKNOWN, Code.TIMEOUT),
        ("garbage", Result.UNKNOWN, Code.UNREADABLE_ANSWER),
    ],
)
async def test_an_error_is_known_by_its_name(rig: Rig, fault: str, result: Result, code: str) -> None:
    rig.server.faults.append(fault)
    (outcome,) = await outcomes(rig.provider, [message()])
    assert (outcome.result, outcome.code) == (result, code)
    assert not outcome.recipient_fault
    assert "@" not in outcome.reason
    assert outcome.retry_after == (timedelta(seconds=7) if fault == "429" else None)


async def test_what_ses_never_takes_is_refused_here(rig: Rig) -> None:
    refused = [
        message("a@example.com", headers={"X-SES-MESSAGE-TAGS": "a=b"}),
        message("b@example.com", headers={"X-Long": "x" * 1000}),
        message("c@example.com", custom_args={"colour": "light blue"}),
    ]
    results = await outcomes(
        rig.provider, [*refused, message("d@example.com", custom_args={"colour": "blue"})]
    )
    assert [one.code for one in results] == [Code.REQUEST_REFUSED] * 3 + [""]


async def test_names_and_subjects_of_any_script_travel_in_ascii_where_they_must(rig: Rig) -> None:
    await outcomes(rig.provider, [message("a@example.com", name="Zoë, 北京")])
    [(_, body)] = rig.server.requests
    address = body["BulkEmailEntries"][0]["Destination"]["ToAddresses"][0]
    assert address.isascii()
    assert address.endswith("<a@example.com>")
    assert "\n" not in address
    assert rig.received()[0]["subject"] == "For Zoë, 北京"


@pytest.mark.req("DEL-36")
async def test_a_check_finds_what_is_missing(rig: Rig) -> None:
    def provider(**config: Any) -> Ses:
        made = {
            **CONFIG,
            "base_url": rig.server.url,
            "configuration_set": "news",
            "topic_arn": TOPIC,
            **config,
        }
        return Ses(account("ses", ses.CREDENTIALS, **made))

    async def said(**config: Any) -> tuple[bool, str]:
        made = provider(**config)
        found = await made.verify()
        await made.close()
        return found.ok, found.details

    ok, words = await said()
    assert ok
    assert "500 messages a second" in words
    assert "48200 left" in words
    assert await said(from_address="news@other.example") == (
        False,
        "neither other.example nor the sender's address is verified",
    )
    asking = provider()
    found = await asking.verify_sender("news@other.example")
    assert (found.ok, found.provider_fault) == (False, False)
    rig.server.identities.add("news@other.example")
    assert (await asking.verify_sender("news@other.example")).ok
    await asking.close()
    assert (await said(from_address="news@other.example"))[0]
    assert await said(configuration_set="other") == (False, "there is no configuration set other")
    rig.server.events.remove("COMPLAINT")
    assert await said() == (False, "news does not tell COMPLAINT to the topic")
    rig.server.sending = False
    assert await said() == (False, "sending is switched off (SHUTDOWN)")
    rig.server.account_status = 403
    assert (await said())[1].startswith("UnrecognizedClientException")
    assert rig.received() == []


@pytest.mark.req("DEL-5")
def test_an_account_is_checked_before_it_is_stored() -> None:
    rules = Rules(production=True, recording=False)
    good = {**CONFIG, "configuration_set": "news", "topic_arn": TOPIC}
    assert list(KIND.config_problems(good, rules)) == []
    for change in (
        {"region": "Frankfurt"},
        {"from_address": "news"},
        {"configuration_set": "a b"},
        {"topic_arn": "arn:aws:sqs:eu-central-1:123456789012:x"},
        {"base_url": "http://127.0.0.1:8090"},
        {"base_url": "https://email.eu-central-1.amazonaws.com.attacker.example"},
        {"configuration_set": None},
    ):
        wrong = {name: value for name, value in {**good, **change}.items() if value is not None}
        assert [field for field, _ in KIND.config_problems(wrong, rules)] == [f"config.{next(iter(change))}"]
    fine = {**good, "base_url": "https://email-fips.us-east-1.amazonaws.com"}
    assert list(KIND.config_problems(fine, rules)) == []


def test_requests_of_unusual_accounts_go_where_their_region_is() -> None:
    made = Ses(Account(uuid.uuid4(), "ses", {**CONFIG, "region": "cn-north-1"}, ses.CREDENTIALS))
    assert made._service._connection._base == "https://email.cn-north-1.amazonaws.com.cn"  # type: ignore[attr-defined]
