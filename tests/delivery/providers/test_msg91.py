"""MSG91: registered templates, many recipients a request, and reports that name a request and a number."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import orjson
import pytest

from services.delivery.providers import Account, Code, MalformedReceiptError, ReceiptKind, Result
from services.delivery.providers.http import Answer
from services.delivery.providers.kinds import Rules
from services.delivery.providers.msg91.adapter import Msg91
from services.delivery.providers.msg91.body import Requests
from services.delivery.providers.msg91.events import parse_reports
from services.delivery.providers.msg91.kind import KIND
from services.delivery.providers.msg91.names import name_of
from tests.delivery.providers.rigs.msg91 import RIG
from tests.delivery.providers.rigs.texting import FLOW, Texting, texting
from tests.delivery.providers.texts import TEMPLATE, TEXT, block, outcomes, text

KEY = "key"
NUMBER = "919812345678"


def account(**config: Any) -> Account:
    return Account(uuid.uuid4(), "msg91", {**RIG.config, **config}, RIG.credentials, channel="sms")


@pytest.fixture
async def sandbox(tmp_path: Path) -> AsyncIterator[Texting]:
    async with texting(RIG, tmp_path) as made:
        yield made


@pytest.mark.req("DEL-104")
def test_a_request_names_the_registered_template_and_each_recipients_variables() -> None:
    sent = [text(f"+{NUMBER}", name="Anita", note="10:30"), text("+12025550101", name="B")]
    made = orjson.loads(Requests(account(), block(sent, TEMPLATE)).body(sent))
    assert made == {
        "template_id": FLOW,
        "short_url": "0",
        "recipients": [
            {"name": "Anita", "note": "10:30", "mobiles": NUMBER},
            {"name": "B", "note": "hi", "mobiles": "12025550101"},
        ],
    }
    short = orjson.loads(Requests(account(short_urls=True), block(sent, TEMPLATE)).body(sent))
    assert short["short_url"] == "1"


@pytest.mark.req("DEL-104")
async def test_a_text_without_a_registered_template_does_not_leave(sandbox: Texting) -> None:
    provider = sandbox.provider(config={"templates": {}})
    (found,) = await outcomes(provider, [text()], TEXT)
    assert (found.result, found.code, found.provider_fault) == (Result.PERMANENT, "template_unknown", False)


@pytest.mark.req("DEL-82", "DEL-83")
async def test_a_number_for_which_a_whole_request_is_refused_is_found(sandbox: Texting) -> None:
    sent = [text(f"+120255601{n:02}") for n in range(9)]
    sent.insert(4, text("+12025550111"))
    found = await outcomes(sandbox.provider(), sent, TEMPLATE)
    assert [one.result for one in found] == [Result.ACCEPTED] * 4 + [Result.PERMANENT] + [Result.ACCEPTED] * 5
    assert (found[4].code, found[4].recipient_fault) == (Code.INVALID_RECIPIENT, True)
    assert [len(await sandbox.taken([one])) for one in sent] == [1] * 4 + [0] + [1] * 5


@pytest.mark.req("DEL-82")
@pytest.mark.parametrize(
    ("status", "body", "result", "code"),
    [
        (200, {"type": "success", "message": "r1"}, Result.ACCEPTED, ""),
        (400, {"type": "success", "message": "r1"}, Result.ACCEPTED, ""),
        (200, {"type": "error", "message": "no balance", "code": "301"}, Result.RETRYABLE, "credentials"),
        (200, {"type": "error", "message": "?", "code": 400}, Result.PERMANENT, "template_unknown"),
        (200, {"type": "error", "message": "?", "code": "306"}, Result.RETRYABLE, "unavailable"),
        (200, {"type": "error", "message": "something new"}, Result.RETRYABLE, ""),
        (400, {"type": "error", "message": "something new"}, Result.PERMANENT, "request_refused"),
        (401, {"type": "error", "message": "key"}, Result.RETRYABLE, "credentials"),
    ],
)
def test_an_answer_is_judged_by_its_type_and_code(
    status: int, body: dict[str, Any], result: Result, code: str
) -> None:
    one = text(f"+{NUMBER}")
    found = Msg91(account())._outcome(one, Answer(status, {}, orjson.dumps(body)), 0.0)
    assert (found.result, found.code) == (result, code)
    assert found.provider_message_id == (name_of(KEY, "r1", one.address) if result is Result.ACCEPTED else "")
    assert NUMBER not in found.provider_message_id


def report(desc: str, status: str = "", **fields: Any) -> dict[str, Any]:
    return {"date": "2026-11-21 10:06:20", "number": NUMBER, "status": status, "desc": desc, **fields}


def version_2(*reports: dict[str, Any]) -> bytes:
    data = [{"senderId": "SALON", "requestId": "r1", "userId": "1", "report": list(reports)}]
    return urlencode({"data": orjson.dumps(data)}).encode()


@pytest.mark.req("DEL-86")
@pytest.mark.parametrize(
    ("desc", "status", "fields", "kind", "bounce", "code"),
    [
        ("DELIVERED", "1", {}, ReceiptKind.DELIVERED, "", ""),
        ("", "1", {}, ReceiptKind.DELIVERED, "", ""),
        ("SUBMITTED", "", {}, ReceiptKind.SENT, "", ""),
        ("SENT", "", {}, ReceiptKind.SENT, "", ""),
        ("PENDING", "", {}, ReceiptKind.SENT, "", ""),
        ("FAILED", "2", {}, ReceiptKind.BOUNCED, "soft", "failed"),
        ("NDNC", "9", {}, ReceiptKind.FAILED, "", "do_not_disturb"),
        ("Rejected", "16", {}, ReceiptKind.FAILED, "", "rejected"),
        ("", "25", {}, ReceiptKind.FAILED, "", "rejected"),
        ("Blocked number", "17", {}, ReceiptKind.FAILED, "", "blocked"),
        ("FAILED", "2", {"failedReason": "651: promo"}, ReceiptKind.FAILED, "", "promotional_hours"),
        ("SOMETHING NEW", "77", {}, ReceiptKind.IGNORED, "", ""),
    ],
)
def test_a_report_means_what_its_words_say(
    desc: str, status: str, fields: dict[str, Any], kind: ReceiptKind, bounce: str, code: str
) -> None:
    [receipt] = parse_reports(version_2(report(desc, status, **fields)), KEY)
    assert (receipt.kind, receipt.bounce_type, receipt.code) == (kind, bounce, code)
    assert receipt.provider_message_id == name_of(KEY, "r1", f"+{NUMBER}")
    assert receipt.message_id is None
    assert NUMBER not in repr(receipt)


@pytest.mark.req("DEL-86")
def test_reports_give_the_time_of_india() -> None:
    [receipt] = parse_reports(version_2(report("DELIVERED", "1")), KEY)
    assert receipt.occurred_at == datetime(2026, 11, 21, 4, 36, 20, tzinfo=UTC)
    [undated] = parse_reports(version_2(report("DELIVERED", "1", date="yesterday")), KEY)
    assert undated.occurred_at.year == 1970


@pytest.mark.req("DEL-85", "DEL-86")
def test_every_version_of_a_report_tells_the_same() -> None:
    flat = {**report("DELIVERED", "1"), "requestId": "r1", "senderId": "SALON"}
    first = parse_reports(version_2(report("DELIVERED", "1")), KEY)
    assert parse_reports(orjson.dumps(flat), KEY) == first
    assert parse_reports(orjson.dumps([flat]), KEY) == first
    wrapped = orjson.dumps({"data": orjson.dumps([flat]).decode()})
    assert parse_reports(wrapped, KEY) == first
    both = parse_reports(version_2(report("SENT"), report("DELIVERED", number="12025550100")), KEY)
    assert len({one.provider_event_id for one in both}) == 2


@pytest.mark.req("DEL-88")
@pytest.mark.parametrize(
    ("amount", "currency", "price"),
    [
        ("0.20", "INR", Decimal("0.20")),
        (-0.2, "INR", Decimal("0.2")),
        ("0", "INR", Decimal(0)),
        ("0.20", "", None),
        ("free", "INR", None),
        ("NaN", "INR", None),
        ("1e99", "INR", None),
        (None, "INR", None),
    ],
)
def test_what_a_text_cost_is_in_the_wallets_currency(
    amount: object, currency: str, price: Decimal | None
) -> None:
    [receipt] = parse_reports(version_2(report("DELIVERED", "1", amount=amount)), KEY, currency)
    assert (receipt.price, receipt.currency) == (price, currency if price is not None else "")
    [unknown] = parse_reports(version_2(report("SOMETHING NEW", amount=amount)), KEY, currency)
    assert unknown.price is None


def test_a_name_needs_the_accounts_key() -> None:
    assert name_of("a", "r1", NUMBER) != name_of("b", "r1", NUMBER)
    assert name_of("a", "r1", NUMBER) == name_of("a", "r1", f"+{NUMBER}")
    assert name_of("a", "r1", NUMBER) != name_of("a", "r2", NUMBER)


@pytest.mark.parametrize("raw", [b"", b"\xff\x00", b"{", b"a=1", b"data=x", b'{"data": "x"}'])
def test_what_is_no_report_is_refused(raw: bytes) -> None:
    with pytest.raises(MalformedReceiptError):
        parse_reports(raw, KEY)


@pytest.mark.req("DEL-5")
@pytest.mark.parametrize(
    ("config", "fields"),
    [
        ({"templates": {"hello": FLOW}}, []),
        ({}, ["config.templates"]),
        ({"templates": {"hello": "1107160000000000000"}}, ["config.templates"]),
        ({"templates": {}, "short_urls": "yes"}, ["config.short_urls"]),
        ({"templates": {}, "base_url": "https://control.msg91.com"}, []),
        ({"templates": {}, "base_url": "https://msg91.example"}, ["config.base_url"]),
    ],
)
def test_settings_of_an_account_are_checked(config: dict[str, Any], fields: list[str]) -> None:
    found = KIND.config_problems(config, Rules(production=True, recording=False))
    assert [field for field, _ in found] == fields
