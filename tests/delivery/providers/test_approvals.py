"""WhatsApp templates: handed in, asked for, and told of."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

import orjson
import pytest
from aiohttp import web

from services.delivery.providers import Account, ConfigurationError
from services.delivery.providers.approvals import (
    Approval,
    Draft,
    Review,
    SubmissionError,
    business_account,
    open_reviewer,
)
from services.delivery.providers.gupshup.templates import Templates as AtGupshup
from services.delivery.providers.meta.templates import Templates as AtMeta
from services.delivery.providers.meta.templates import parse_reviews
from services.delivery.providers.twilio.templates import Templates as AtTwilio
from services.delivery.providers.wati.templates import Templates as AtWati

APP = "c6aecef6-bcb0-4fb1-8100-28c094e3bc6b"
DRAFT = Draft(
    "autumn_offer", "en", "marketing", "Hi {{1}}, {{2}} % off", ("Ada", "20"), "Reply STOP to leave"
)


@dataclass
class Desk:
    """Where templates are handed in: answers what it is told to, and remembers what it was asked."""

    url: str = ""
    answers: list[tuple[int, Any]] = field(default_factory=list)
    asked: list[tuple[str, str, dict[str, str], bytes]] = field(default_factory=list)

    async def answer(self, request: web.Request) -> web.Response:
        self.asked.append((request.method, request.path, dict(request.query), await request.read()))
        status, body = self.answers.pop(0)
        return web.json_response(body, status=status)

    def account(self, provider: str, **config: Any) -> Account:
        credentials = {"access_token": "token", "api_key": "key", "auth_token": "f" * 32}
        return Account(uuid.uuid4(), provider, {"base_url": self.url, **config}, credentials)


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    made, app = Desk(), web.Application()
    app.router.add_route("*", "/{tail:.*}", made.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    made.url = "http://{}:{}".format(*runner.addresses[0][:2])
    yield made
    await runner.cleanup()


@pytest.fixture
async def meta(desk: Desk) -> AsyncIterator[AtMeta]:
    made = AtMeta(desk.account("meta", business_account_id="102290129340398"))
    yield made
    await made.close()


@pytest.fixture
async def gupshup(desk: Desk) -> AsyncIterator[AtGupshup]:
    made = AtGupshup(desk.account("gupshup", app_id=APP))
    yield made
    await made.close()


async def test_meta_gets_a_template_with_examples_of_its_parameters(desk: Desk, meta: AtMeta) -> None:
    desk.answers.append((200, {"id": "572279198452421", "status": "PENDING", "category": "MARKETING"}))
    assert await meta.submit(DRAFT) == Review("autumn_offer", "en", Approval.PENDING, "572279198452421")
    [(method, path, _, body)] = desk.asked
    assert (method, path) == ("POST", "/102290129340398/message_templates")
    assert orjson.loads(body) == {
        "name": "autumn_offer",
        "language": "en",
        "category": "MARKETING",
        "components": [
            {"type": "BODY", "text": "Hi {{1}}, {{2}} % off", "example": {"body_text": [["Ada", "20"]]}},
            {"type": "FOOTER", "text": "Reply STOP to leave"},
        ],
    }


@pytest.mark.parametrize(
    ("status", "body", "code", "is_temporary"),
    [
        (400, {"error": {"code": 100, "error_user_msg": "name@x.example taken"}}, "request_refused", False),
        (401, {"error": {"code": 190, "message": "token"}}, "credentials", True),
        (400, {"error": {"code": 80007}}, "rate_limited", True),
        (503, {}, "unavailable", True),
    ],
)
async def test_a_template_that_is_not_taken_says_why_and_whether_later_may_do(
    desk: Desk, meta: AtMeta, status: int, body: Any, code: str, is_temporary: bool
) -> None:
    desk.answers += [(status, body)] * 2
    with pytest.raises(SubmissionError) as caught:
        await meta.submit(DRAFT)
    assert (caught.value.code, caught.value.is_temporary) == (code, is_temporary)
    assert "@" not in str(caught.value)
    with pytest.raises(SubmissionError):
        await meta.reviews()


async def test_all_pages_of_metas_list_are_read(desk: Desk, meta: AtMeta) -> None:
    first = {"id": "1", "name": "a", "language": "en", "status": "APPROVED", "rejected_reason": "NONE"}
    second = {
        "id": "2",
        "name": "a",
        "language": "de",
        "status": "REJECTED",
        "rejected_reason": "PROMOTIONAL",
    }
    unknown = {"id": "3", "name": "b", "language": "de", "status": "SOMETHING_NEW"}
    paging = {"cursors": {"after": "MTAx"}, "next": "https://graph.facebook.com/next"}
    desk.answers += [(200, {"data": [first, unknown, 7], "paging": paging}), (200, {"data": [second]})]
    assert await meta.reviews() == [
        Review("a", "en", Approval.APPROVED, "1"),
        Review("a", "de", Approval.REJECTED, "2", "PROMOTIONAL"),
    ]
    assert [query.get("after") for _, _, query, _ in desk.asked] == [None, "MTAx"]


@pytest.mark.parametrize(
    ("event", "approval"),
    [
        ("APPROVED", Approval.APPROVED),
        ("FLAGGED", Approval.APPROVED),
        ("REINSTATED", Approval.APPROVED),
        ("UNARCHIVED", Approval.APPROVED),
        ("PENDING", Approval.PENDING),
        ("IN_APPEAL", Approval.PENDING),
        ("REJECTED", Approval.REJECTED),
        ("LIMIT_EXCEEDED", Approval.REJECTED),
        ("PAUSED", Approval.PAUSED),
        ("LOCKED", Approval.PAUSED),
        ("DISABLED", Approval.DISABLED),
        ("ARCHIVED", Approval.DISABLED),
        ("DELETED", Approval.DISABLED),
    ],
)
def test_metas_webhook_tells_where_a_template_stands(event: str, approval: Approval) -> None:
    value = {
        "event": event,
        "message_template_id": 594425479261596,
        "message_template_name": "autumn_offer",
        "message_template_language": "en",
        "reason": "NONE" if approval is not Approval.REJECTED else "SCAM",
    }
    changes = [
        {"field": "message_template_status_update", "value": value},
        {"field": "message_template_status_update", "value": {**value, "event": "SOMETHING_NEW"}},
        {"field": "messages", "value": {"event": "APPROVED", "statuses": []}},
    ]
    raw = orjson.dumps({"entry": [{"id": "1", "changes": changes}]})
    reason = "SCAM" if approval is Approval.REJECTED else ""
    assert parse_reviews(raw) == [Review("autumn_offer", "en", approval, "594425479261596", reason)]


async def test_gupshup_gets_a_template_with_a_filled_example_and_lists_them(
    desk: Desk, gupshup: AtGupshup
) -> None:
    desk.answers.append((200, {"status": "success", "template": {"id": APP, "status": "PENDING"}}))
    assert await gupshup.submit(DRAFT) == Review("autumn_offer", "en", Approval.PENDING, APP)
    method, path, _, body = desk.asked[0]
    form = dict(parse_qsl(body.decode()))
    assert (method, path) == ("POST", f"/wa/app/{APP}/template")
    assert (form["content"], form["example"], form["footer"]) == (
        "Hi {{1}}, {{2}} % off",
        "Hi [Ada], [20] % off",
        "Reply STOP to leave",
    )
    listed = [
        {"elementName": "a", "languageCode": "en", "status": "REJECTED", "id": "1", "reason": "write to x@y"},
        {"elementName": "b", "status": "?"},
    ]
    desk.answers.append((200, {"status": "success", "templates": listed}))
    assert await gupshup.reviews() == [Review("a", "en", Approval.REJECTED, "1", "write to ***")]
    desk.answers.append((400, {"status": "error", "message": "Template Already exists"}))
    with pytest.raises(SubmissionError) as caught:
        await gupshup.submit(DRAFT)
    assert not caught.value.is_temporary
    desk.answers.append((200, {"status": "error", "message": "?"}))
    with pytest.raises(SubmissionError):
        await gupshup.reviews()


async def test_wati_lists_templates_and_takes_none(desk: Desk) -> None:
    wati = AtWati(desk.account("wati"))
    listed = [{"id": str(n), "name": f"t{n}", "language": "en", "status": "APPROVED"} for n in range(101)]
    desk.answers += [(200, {"template_list": listed[:100]}), (200, {"template_list": listed[100:]})]
    assert len(await wati.reviews()) == 101
    assert [query["page_number"] for _, _, query, _ in desk.asked] == ["1", "2"]
    desk.answers.append((401, {}))
    with pytest.raises(SubmissionError):
        await wati.reviews()
    with pytest.raises(SubmissionError):
        await wati.submit(DRAFT)
    await wati.close()


def test_an_account_that_names_no_business_account_has_no_templates() -> None:
    for cls, provider in ((AtMeta, "meta"), (AtGupshup, "gupshup")):
        with pytest.raises(ConfigurationError):
            cls(Account(uuid.uuid4(), provider, {}, {"access_token": "t", "api_key": "k"}))


SID = "HX" + "b" * 32


@pytest.mark.req("CAM-94")
async def test_twilio_makes_a_content_hands_it_in_and_lists_what_was_decided(desk: Desk) -> None:
    twilio = AtTwilio(desk.account("twilio", account_sid="AC" + "a" * 32))
    desk.answers += [
        (201, {"sid": SID, "friendly_name": "autumn_offer"}),
        (201, {"name": "autumn_offer", "status": "received"}),
        (200, {
            "contents": [
                {"sid": SID, "language": "en", "approval_requests": {
                    "name": "autumn_offer", "status": "rejected", "rejection_reason": "too loud"}},
                {"sid": "HX1", "language": "en", "approval_requests": {"name": "x", "status": "unsubmitted"}},
                {"sid": "HX2", "language": "en"},
            ],
            "meta": {"next_page_url": f"{desk.url}/v1/ContentAndApprovals?PageSize=500&Page=1"},
        }),
        (200, {"contents": [], "meta": {"next_page_url": None}}),
    ]  # fmt: skip
    assert await twilio.submit(DRAFT) == Review("autumn_offer", "en", Approval.PENDING, SID)
    assert await twilio.reviews() == [Review("autumn_offer", "en", Approval.REJECTED, SID, "too loud")]
    paths = [path for _, path, _, _ in desk.asked]
    assert paths[:2] == ["/v1/Content", f"/v1/Content/{SID}/ApprovalRequests/whatsapp"]
    assert orjson.loads(desk.asked[0][3])["variables"] == {"1": "Ada", "2": "20"}
    assert desk.asked[3][2]["Page"] == "1"
    desk.answers.append((400, {"message": "no such language"}))
    with pytest.raises(SubmissionError):
        await twilio.submit(DRAFT)
    await twilio.close()


@pytest.mark.req("CAM-94")
def test_numbers_of_one_business_account_share_its_templates() -> None:
    def account(provider: str, **config: str) -> Account:
        return Account(uuid.uuid4(), provider, config, {"auth_token": "x"})

    first = account("meta", business_account_id="1", phone_number_id="7")
    second = account("meta", business_account_id="1", phone_number_id="8")
    assert business_account(first) == business_account(second) == "meta:1"
    assert business_account(account("meta", phone_number_id="7")) == ""
    assert business_account(account("sendgrid")) == ""
    with pytest.raises(ConfigurationError):
        open_reviewer(account("msg91"))
