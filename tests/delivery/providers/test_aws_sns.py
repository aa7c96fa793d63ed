"""Texts by Amazon: what countries demand, what errors and reports mean, what is read from the logs."""

from __future__ import annotations

import json
import uuid
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest

from services.delivery.providers import Account, Code, ReceiptKind, Result
from services.delivery.providers.aws_sns.body import texts_of
from services.delivery.providers.aws_sns.codes import EVENTS, SENTENCES
from services.delivery.providers.aws_sns.events import of_log, parse_notification
from services.delivery.providers.aws_sns.kind import KIND
from services.delivery.providers.base import Asked, Polled
from services.delivery.providers.kinds import Rules
from tests.delivery.providers.rigs import aws_sns
from tests.delivery.providers.rigs.texting import Texting, texting
from tests.delivery.providers.texts import block, outcomes, text

NEW = {"service": "end_user_messaging"}


def account(**config: Any) -> Account:
    return Account(uuid.uuid4(), "aws_sns", {"region": "eu-central-1", **config}, aws_sns.RIG.credentials)


def attributes(number: str, *, marketing: bool = False, **config: Any) -> dict[str, str]:
    """Attributes of a text to a number as SNS would read them."""
    one = text(number)
    form = parse_qs(texts_of(account(**config), block([one], is_marketing=marketing)).body(one).decode())
    assert (form["Action"], form["PhoneNumber"], form["Message"]) == (
        ["Publish"],
        [number],
        ["Hello Ada: hi"],
    )
    count = sum(name.endswith(".Name") for name in form)
    entry = "MessageAttributes.entry.{}.{}"
    return {
        form[entry.format(n, "Name")][0]: form[entry.format(n, "Value.StringValue")][0]
        for n in range(1, count + 1)
    }


def sent(number: str, *, marketing: bool = False, **config: Any) -> dict[str, Any]:
    """The request for a text to a number as End User Messaging would read it."""
    one = text(number)
    made = texts_of(account(**NEW, **config), block([one], is_marketing=marketing))
    found: dict[str, Any] = json.loads(made.body(one))
    assert found["Context"].pop("angarium_message_id") == str(one.message_id)
    return found


@pytest.mark.req("DEL-104")
def test_marketing_is_promotional_and_everything_else_transactional() -> None:
    assert attributes("+4915112345678", marketing=True)["AWS.SNS.SMS.SMSType"] == "Promotional"
    assert attributes("+4915112345678")["AWS.SNS.SMS.SMSType"] == "Transactional"
    assert sent("+4915112345678", marketing=True)["MessageType"] == "PROMOTIONAL"
    assert sent("+4915112345678")["MessageType"] == "TRANSACTIONAL"


@pytest.mark.req("DEL-104")
def test_a_text_is_from_whom_its_country_allows() -> None:
    config = {
        "sender_id": "ACME",
        "origination_number": "+12025550199",
        "max_price": "0.50",
        "senders": {"GB": "ACMEUK"},
    }
    german, american, british = (
        attributes(number, **config) for number in ("+4915112345678", "+12025550100", "+447400123456")
    )
    assert german == {
        "AWS.SNS.SMS.SMSType": "Transactional",
        "AWS.SNS.SMS.MaxPrice": "0.50",
        "AWS.SNS.SMS.SenderID": "ACME",
    }
    assert american["AWS.MM.SMS.OriginationNumber"] == "+12025550199"
    assert "AWS.SNS.SMS.SenderID" not in american
    assert british["AWS.SNS.SMS.SenderID"] == "ACMEUK"
    assert sent("+12025550100", **config)["OriginationIdentity"] == "+12025550199"
    assert sent("+4915112345678", **config)["MaxPrice"] == "0.50"


@pytest.mark.req("DEL-104")
def test_india_is_told_entity_and_template_and_the_united_states_need_a_number() -> None:
    india = {"india_entity_id": "1101", "india_template_ids": {"hello": "2202"}}
    found = attributes("+919812345678", **india)
    assert (found["AWS.MM.SMS.EntityId"], found["AWS.MM.SMS.TemplateId"]) == ("1101", "2202")
    assert sent("+919812345678", **india)["DestinationCountryParameters"] == {
        "IN_ENTITY_ID": "1101",
        "IN_TEMPLATE_ID": "2202",
    }
    assert "AWS.MM.SMS.EntityId" not in attributes("+4915112345678", **india)
    refused: list[tuple[str, dict[str, Any], str]] = [
        ("+919812345678", {"india_entity_id": "1101"}, "template_unknown"),
        ("+12025550100", {"sender_id": "ACME"}, Code.SENDER_REFUSED),
        ("+12025550100", {}, Code.SENDER_REFUSED),
    ]
    for number, config, code in refused:
        one = text(number)
        outcome = texts_of(account(**config), block([one])).refusal(one)
        assert outcome is not None
        assert (outcome.result, outcome.code, outcome.recipient_fault) == (Result.PERMANENT, code, False)


@pytest.fixture(params=[aws_sns.RIG, aws_sns.END_USER_MESSAGING], ids=["sns", "end_user_messaging"])
async def sandbox(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Texting]:
    async with texting(request.param, tmp_path) as made:
        yield made


@pytest.mark.req("DEL-82", "DEL-83")
async def test_a_number_that_texts_cannot_reach_is_the_recipients_fault(sandbox: Texting) -> None:
    bad, out, good = text("+12025550111"), text("+12025550112"), text("+12025550113")
    first, second, third = await outcomes(sandbox.provider(), [bad, out, good])
    assert (first.result, first.code, first.recipient_fault) == (
        Result.PERMANENT,
        Code.INVALID_RECIPIENT,
        True,
    )
    if sandbox.rig is aws_sns.RIG:  # SNS takes a text to somebody who opted out, and tells it by its log
        assert second.result is Result.ACCEPTED
    else:
        assert (second.result, second.code, second.recipient_fault) == (
            Result.PERMANENT,
            Code.OPTED_OUT,
            True,
        )
    assert third.result is Result.ACCEPTED


@pytest.mark.req("DEL-36")
async def test_a_check_tells_who_opted_out_and_whether_anybody_is_heard(sandbox: Texting) -> None:
    found = await sandbox.provider().verify()
    assert found.ok
    assert "1 numbers have opted out" in found.details
    if sandbox.rig is aws_sns.RIG:
        assert "at most 100 US dollars a month" in found.details
        assert "nobody hears" in (await sandbox.provider(config={"log_account": ""}).verify()).details
        wrong = await sandbox.provider(config={"region": "us-east-1", "log_account": "1"}).verify()
        assert (wrong.ok, wrong.details) == (
            False,
            "the delivery logs cannot be read: switch delivery status logging on",
        )
    else:
        missing = await sandbox.provider(config={"configuration_set": "no-such"}).verify()
        assert not missing.ok
        other = await sandbox.provider(
            config={"topic_arn": "arn:aws:sns:eu-central-1:000000000000:other"}
        ).verify()
        assert other.details == "texts does not tell its events to the topic"


@pytest.mark.req("DEL-80", "DEL-88")
async def test_the_logs_of_sns_tell_what_became_of_texts_and_what_they_cost(tmp_path: Path) -> None:
    async with texting(aws_sns.RIG, tmp_path) as sandbox:
        provider = sandbox.provider()
        assert isinstance(provider, Polled)
        given = [text(f"+1202555{digits}", note="x" * 160) for digits in ("0100", "0106", "0108", "0112")]
        results = await outcomes(provider, given)
        asked = [Asked(one.message_id, one.provider_message_id, datetime.now(UTC)) for one in results]
        while (await (await sandbox.session.get(f"{sandbox.url}/truth/summary")).json())["pending"]["total"]:
            continue
        found = {one.provider_message_id: one for one in await provider.poll(asked)}
        ends = [found[one.provider_message_id] for one in results]
        assert [(one.kind, one.bounce_type, one.suppression) for one in ends] == [
            (ReceiptKind.DELIVERED, "", ""),
            (ReceiptKind.BOUNCED, "hard", "bounce"),
            (ReceiptKind.BOUNCED, "block", ""),
            (ReceiptKind.FAILED, "", "opt_out"),
        ]
        assert (ends[0].price, ends[0].currency) == (Decimal("0.0129"), "USD")
        assert await provider.poll([Asked(uuid.uuid4(), str(uuid.uuid4()), datetime.now(UTC))]) == []
        assert await provider.poll([]) == []


def notice(event: dict[str, Any]) -> bytes:
    return json.dumps(
        {"Type": "Notification", "MessageId": "n", "TopicArn": "t", "Message": json.dumps(event)}
    ).encode()


def told(kind: str, *, final: bool = True, **more: Any) -> dict[str, Any]:
    context = {"angarium_message_id": str(uuid.UUID(int=5)), "angarium_tenant_id": str(uuid.UUID(int=7))}
    return {
        "eventType": kind, "eventVersion": "1.0", "eventTimestamp": 1_700_000_000_500, "isFinal": final, "messageId": "m1",
        "destinationPhoneNumber": "+12025550100", "messageStatusDescription": "words", "context": context,
        "totalMessageParts": 1, "totalMessagePrice": 0.00645, "totalCarrierFee": 0.003, **more,
    }  # fmt: skip


@pytest.mark.req("DEL-86")
@pytest.mark.parametrize(
    ("kind", "expected", "bounce", "suppression"),
    [
        ("TEXT_QUEUED", ReceiptKind.IGNORED, "", ""),
        ("TEXT_SENT", ReceiptKind.SENT, "", ""),
        ("TEXT_SUCCESSFUL", ReceiptKind.DELIVERED, "", ""),
        ("TEXT_DELIVERED", ReceiptKind.DELIVERED, "", ""),
        ("TEXT_INVALID", ReceiptKind.BOUNCED, "hard", "bounce"),
        ("TEXT_UNREACHABLE", ReceiptKind.BOUNCED, "soft", ""),
        ("TEXT_BLOCKED", ReceiptKind.BOUNCED, "block", ""),
        ("TEXT_SPAM", ReceiptKind.FAILED, "", ""),
        ("TEXT_TTL_EXPIRED", ReceiptKind.FAILED, "", ""),
        ("TEXT_PROTECT_BLOCKED", ReceiptKind.FAILED, "", ""),
        ("TEXT_UNKNOWN", ReceiptKind.BOUNCED, "soft", ""),
        ("SOMETHING_NEW", ReceiptKind.IGNORED, "", ""),
    ],
)
def test_each_event_says_its_word(kind: str, expected: ReceiptKind, bounce: str, suppression: str) -> None:
    [receipt] = parse_notification(notice(told(kind)))
    assert (receipt.kind, receipt.bounce_type, receipt.suppression) == (expected, bounce, suppression)
    assert (receipt.message_id, receipt.tenant_id) == (uuid.UUID(int=5), uuid.UUID(int=7))
    assert (receipt.provider_message_id, receipt.provider_event_id) == ("m1", f"m1:{kind}")
    assert receipt.occurred_at == datetime.fromtimestamp(1_700_000_000.5, UTC)


@pytest.mark.req("DEL-86", "DEL-88")
def test_a_price_counts_once_it_is_final_and_acceptance_by_a_carrier_is_no_delivery() -> None:
    [early] = parse_notification(notice(told("TEXT_SUCCESSFUL", final=False)))
    assert (early.kind, early.price) == (ReceiptKind.SENT, None)
    [late] = parse_notification(notice(told("TEXT_DELIVERED")))
    assert (late.price, late.currency) == (Decimal("0.00945"), "USD")
    [without] = parse_notification(
        notice(told("TEXT_DELIVERED", totalMessagePrice=None, totalCarrierFee="x"))
    )
    assert (without.price, without.currency) == (None, "")


@pytest.mark.req("DEL-86")
def test_every_sentence_of_the_logs_and_every_event_has_a_meaning() -> None:
    assert all(kind.startswith("TEXT_") for kind in EVENTS)
    for words in (*SENTENCES, "a new sentence"):
        line = {
            "notification": {"messageId": "m1", "timestamp": "2026-11-21 08:00:00.500"},
            "delivery": {"providerResponse": words, "priceInUSD": 0.00645},
            "status": "FAILURE",
        }
        receipt = of_log(line)
        assert receipt is not None
        assert receipt.kind in (ReceiptKind.BOUNCED, ReceiptKind.FAILED)
        assert receipt.code
        assert receipt.occurred_at == datetime(2026, 11, 21, 8, tzinfo=UTC) + timedelta(milliseconds=500)
        assert parse_notification(notice(line)) == [receipt]
    assert of_log({"hello": 1}) is None
    assert parse_notification(notice({"hello": 1})) == []


@pytest.mark.req("DEL-5")
def test_an_account_is_checked_before_it_is_stored() -> None:
    rules = Rules(production=True, recording=False)
    sns = {"region": "eu-central-1", "sender_id": "ACME", "max_price": "0.50", "log_account": "123456789012"}
    new = {"region": "eu-central-1", **NEW, "configuration_set": "texts"}
    assert list(KIND.config_problems(sns, rules)) == list(KIND.config_problems(new, rules)) == []
    wrong: list[tuple[dict[str, Any], str]] = [
        ({**sns, "service": "pinpoint"}, "service"),
        ({**sns, "sender_id": "much too long"}, "sender_id"),
        ({**sns, "max_price": "1"}, "max_price"),
        ({**sns, "senders": {"Germany": "ACME"}}, "senders"),
        ({**sns, "senders": {"DE": ""}}, "senders"),
        ({**sns, "configuration_set": "texts"}, "configuration_set"),
        ({**new, "log_account": "123456789012"}, "log_account"),
        ({**sns, "india_template_ids": {"hello": "1"}}, "india_entity_id"),
        ({**sns, "base_url": "https://sns.eu-central-1.amazonaws.com:8443"}, "base_url"),
    ]
    for config, field in wrong:
        assert f"config.{field}" in [name for name, _ in KIND.config_problems(config, rules)]
