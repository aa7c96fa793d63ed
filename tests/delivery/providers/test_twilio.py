"""The adapter of Twilio against the sandbox: what it says is what really happened."""

from __future__ import annotations

import json
import uuid
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, parse_qsl

import aiohttp
import pytest

from sandbox.runner import started
from sandbox.settings import Address, Settings
from services.common.templating import ContentSource, Options, Variable, compile_content
from services.delivery.providers import Account, Code, Outgoing, Presence, Result
from services.delivery.providers.kinds import Rules
from services.delivery.providers.twilio.adapter import Twilio
from services.delivery.providers.twilio.body import Form
from services.delivery.providers.twilio.kind import KIND
from services.delivery.providers.twilio.lost import LostMessages
from tests.delivery.providers.texts import TEMPLATE, TEXT, block, outcomes, text

SID = "AC" + "a" * 32
SENDER = {"from": "+12025550199"}
WEBHOOK = "https://m.example/webhooks/twilio/t0ken"


def account(url: str = "", **fields: Any) -> Account:
    config = {"account_sid": SID, "base_url": url, **SENDER, **fields.pop("config", {})}
    given: dict[str, Any] = {"channel": "sms", "webhook_url": WEBHOOK, **fields}
    credentials = given.pop("credentials", {"auth_token": "secret"})
    return Account(
        uuid.uuid4(), "twilio", config, credentials, timedelta(seconds=1), 4, production=False, **given
    )


class Sandbox:
    """A running sandbox, and adapters that speak to it."""

    def __init__(self, url: str, session: aiohttp.ClientSession) -> None:
        self.url, self._session = url, session
        self.opened: list[Twilio] = []

    def provider(self, **fields: Any) -> Twilio:
        self.opened.append(Twilio(account(self.url, **fields)))
        return self.opened[-1]

    async def fault(self, kind: str, **fields: Any) -> None:
        async with self._session.post(f"{self.url}/faults", json={"kind": kind, **fields}) as response:
            assert response.status < 300, await response.text()

    async def taken(self, sent: list[Outgoing]) -> list[dict[str, Any]]:
        found = []
        for one in sent:
            params = {"message_id": str(one.message_id)}
            async with self._session.get(f"{self.url}/truth", params=params) as response:
                found += (await response.json())["messages"]
        return found


@pytest.fixture
async def sandbox(tmp_path: Path) -> AsyncIterator[Sandbox]:
    settings = Settings(
        http=Address("127.0.0.1", 0),
        smtp=Address("127.0.0.1", 0),
        database=tmp_path / "sandbox.sqlite",
        signing_key=tmp_path / "key.pem",
        pace=0.02,
    )
    async with started(settings) as running, aiohttp.ClientSession() as session:
        made = Sandbox(f"http://127.0.0.1:{running.http_port}", session)
        yield made
        for provider in made.opened:
            await provider.close()


@pytest.mark.req("DEL-109", "DEL-104")
async def test_each_person_gets_exactly_their_own_text(sandbox: Sandbox) -> None:
    sent = [text(f"+1202555{n:04}", name=f'P{n} & "é"+=%', note=f"line\n{n}") for n in range(100, 220)]
    sent = [one for one in sent if not one.address.endswith(("0111", "0112"))]
    results = await outcomes(sandbox.provider(), sent)
    assert {one.result for one in results} == {Result.ACCEPTED}
    assert len({one.provider_message_id for one in results}) == len(sent)
    taken = {one["address"]: one for one in await sandbox.taken(sent)}
    for one in sent:
        assert taken[one.address]["subject"] == TEXT.join(one.slots, "text")
        assert taken[one.address]["message_id"] == str(one.message_id)
        assert taken[one.address]["campaign_id"] == "c-1"


@pytest.mark.req("DEL-82", "DEL-83")
@pytest.mark.parametrize(
    ("number", "note", "result", "code", "recipient_fault"),
    [
        ("+12025550111", "hi", Result.PERMANENT, Code.INVALID_RECIPIENT, True),
        ("+12025550112", "hi", Result.PERMANENT, Code.OPTED_OUT, True),
        ("12025550100", "hi", Result.PERMANENT, Code.INVALID_RECIPIENT, True),
        ("+1202\r\nTo: +1", "hi", Result.PERMANENT, Code.INVALID_RECIPIENT, True),
        ("+12025550100", "x" * 1600, Result.PERMANENT, Code.TOO_LARGE, False),
    ],
)
async def test_what_twilio_would_never_deliver_is_permanent(
    sandbox: Sandbox, number: str, note: str, result: Result, code: Code, recipient_fault: bool
) -> None:
    bad, good = text(number, note=note[:10]), text("+12025550113")
    if code is Code.TOO_LARGE:
        bad.slots = [note, note]
    first, second = await outcomes(sandbox.provider(), [bad, good])
    assert (first.result, first.code, first.recipient_fault) == (result, code, recipient_fault)
    assert not first.provider_fault
    assert number not in first.reason
    assert second.result is Result.ACCEPTED
    assert await sandbox.taken([bad]) == []


@pytest.mark.req("DEL-76", "DEL-78", "DEL-82")
@pytest.mark.parametrize(
    ("fault", "fields", "result", "code"),
    [
        ("timeout_before", {}, Result.UNKNOWN, Code.TIMEOUT),
        ("timeout_after", {}, Result.UNKNOWN, Code.TIMEOUT),
        ("disconnect_before", {}, Result.UNKNOWN, Code.CONNECTION),
        ("disconnect_after", {}, Result.UNKNOWN, Code.CONNECTION),
        ("rate_limit", {}, Result.RETRYABLE, Code.RATE_LIMITED),
        ("server_error", {"code": 503}, Result.RETRYABLE, Code.UNAVAILABLE),
        ("broken_json", {}, Result.RETRYABLE, Code.UNAVAILABLE),
        ("broken_json", {"accepted": True}, Result.ACCEPTED, ""),
    ],
)
async def test_every_fault_gets_its_name_and_a_lost_answer_is_found_or_not(
    sandbox: Sandbox, fault: str, fields: dict[str, Any], result: Result, code: str
) -> None:
    provider = sandbox.provider()
    await sandbox.fault(fault, **fields)
    sent = text()
    (outcome,) = await outcomes(provider, [sent])
    assert (outcome.result, outcome.code) == (result, code)
    assert outcome.provider_fault is (result is not Result.ACCEPTED)
    taken = await sandbox.taken([sent])
    if result is Result.UNKNOWN:
        found = (await provider.look_up([sent.message_id]))[sent.message_id]
        assert found.presence is (Presence.FOUND if taken else Presence.NOT_FOUND)
        assert found.provider_message_id.startswith("SM") is bool(taken)
    else:
        assert len(taken) == (result is Result.ACCEPTED)
    (again,) = await outcomes(provider, [text("+12025550114")])
    assert again.result is Result.ACCEPTED


@pytest.mark.req("DEL-78")
async def test_another_text_to_the_same_number_is_not_taken_for_a_lost_one(sandbox: Sandbox) -> None:
    provider = sandbox.provider()
    await sandbox.fault("disconnect_before")
    lost = text(note="code 1")
    await outcomes(provider, [lost])
    await outcomes(provider, [text(note="code 2"), text(note="code 1")])
    presence = (await provider.look_up([lost.message_id]))[lost.message_id].presence
    assert presence is Presence.NOT_FOUND
    stranger = sandbox.provider()
    assert (await stranger.look_up([lost.message_id]))[lost.message_id].presence is Presence.UNKNOWABLE


@pytest.mark.req("DEL-78")
@pytest.mark.parametrize(
    ("listed", "presence"),
    [
        ([], Presence.NOT_FOUND),
        ([{}], Presence.FOUND),
        ([{"body": "written otherwise"}], Presence.UNKNOWABLE),
        ([{"body": "x", "direction": "inbound"}], Presence.NOT_FOUND),
        ([{"body": "x", "to": "+12025550101"}], Presence.NOT_FOUND),
        ([{"body": "x", "sid": "SM-known"}], Presence.NOT_FOUND),
        ([{"date_created": "Fri, 20 Nov 2026 12:00:00 +0000"}], Presence.NOT_FOUND),
        ([{"body": "x", "sid": "SM-known"}] * 3, Presence.UNKNOWABLE),
        ([{"body": "x", "sid": "SM-known"}] * 2 + [{"date_created": "Fri, 20 Nov 2026 12:00:00 +0000"}], Presence.NOT_FOUND),
        ([{"date_created": None}, None, {"to": 7}], Presence.UNKNOWABLE),
    ],
)  # fmt: skip
def test_a_lost_text_is_called_missing_only_when_nothing_can_be_it(
    listed: list[Any], presence: Presence
) -> None:
    message_id, lost = uuid.uuid4(), LostMessages()
    lost.add(message_id, "+12025550100", "hi", datetime(2026, 11, 21, 12, tzinfo=UTC))
    lost.answered("SM-known")
    shown = {
        "sid": "SM1",
        "to": "+12025550100",
        "body": "hi",
        "direction": "outbound-api",
        "date_created": "Sat, 21 Nov 2026 12:00:01 +0000",
    }
    messages = [{**shown, **one} if one is not None else None for one in listed]
    known = lost.get(message_id)
    assert known is not None
    assert lost.sought(known, messages, 3).presence is presence


@pytest.mark.req("DEL-36")
async def test_credentials_are_checked_without_sending(sandbox: Sandbox) -> None:
    assert (await sandbox.provider().verify()).ok
    key = {"auth_token": "secret", "api_key_sid": "SK" + "1" * 32, "api_key_secret": "key"}
    assert (await sandbox.provider(credentials=key).verify()).ok
    wrong = sandbox.provider(credentials={"auth_token": "invalid"})
    found = await wrong.verify()
    assert (found.ok, found.provider_fault) == (False, True)
    (outcome,) = await outcomes(wrong, [text()])
    assert (outcome.result, outcome.code, outcome.provider_fault) == (
        Result.RETRYABLE,
        Code.CREDENTIALS,
        True,
    )


def form_of(one: Outgoing, content: Any = TEXT, **fields: Any) -> dict[str, str]:
    return dict(parse_qsl(Form(account(**fields), block([one], content)).body(one).decode()))


def test_a_sender_is_a_number_or_a_service_and_callbacks_name_the_message() -> None:
    one = text()
    made = form_of(one)
    assert (made["From"], made["To"], "MessagingServiceSid" in made) == ("+12025550199", one.address, False)
    place, _, query = made["StatusCallback"].partition("?")
    assert place == WEBHOOK
    assert parse_qs(query) == {
        "angarium_message_id": [str(one.message_id)],
        "angarium_tenant_id": [str(uuid.UUID(int=7))],
        "angarium_campaign_id": ["c-1"],
    }
    service = {"from": "", "messaging_service_sid": "MG" + "b" * 32, "validity_period": 600.0}
    made = form_of(one, config=service)
    assert (made["MessagingServiceSid"], made["ValidityPeriod"], "From" in made) == (
        "MG" + "b" * 32,
        "600",
        False,
    )
    assert "StatusCallback" not in form_of(one, webhook_url="")


def test_a_text_without_a_word_does_not_leave() -> None:
    empty = compile_content(
        ContentSource(None, "{{ name }}"), [Variable("name")], Options("sms", "en", False)
    )
    one = Outgoing(uuid.uuid4(), "+12025550100", [" "])
    outcome = Form(account(), block([one], empty)).refusal(one)
    assert outcome is not None
    assert (outcome.result, outcome.code) == (Result.PERMANENT, Code.CONTENT_REFUSED)


@pytest.mark.req("DEL-105")
def test_whatsapp_goes_by_approved_contents_with_the_templates_parameters_in_order() -> None:
    one = text(name="Zoë", note="two & three")
    own = {"hello": "HX" + "1" * 32, "hello:de": "HX" + "2" * 32}
    made = form_of(one, TEMPLATE, channel="whatsapp", config={"content_sids": own})
    assert (made["To"], made["From"]) == ("whatsapp:+12025550100", "whatsapp:+12025550199")
    assert (made["ContentSid"], "Body" in made) == ("HX" + "2" * 32, False)
    assert json.loads(made["ContentVariables"]) == {"1": "Zoë", "2": "two & three"}
    free = form_of(one, TEMPLATE, channel="whatsapp")
    assert (free["Body"], "ContentSid" in free) == ("Hello Zoë: two & three", False)


@pytest.mark.req("DEL-5", "DEL-153")
@pytest.mark.parametrize(
    ("config", "fields"),
    [
        (SENDER, []),
        ({"messaging_service_sid": "MG" + "b" * 32}, []),
        ({"from": "Salon 7"}, []),
        ({}, ["config.from"]),
        ({**SENDER, "messaging_service_sid": "MG" + "b" * 32}, ["config.from"]),
        ({"from": "a name that is too long"}, ["config.from"]),
        ({**SENDER, "account_sid": "x"}, ["config.account_sid"]),
        ({**SENDER, "content_sids": {"hello": "x"}}, ["config.content_sids"]),
        ({**SENDER, "validity_period": 0}, ["config.validity_period"]),
        ({**SENDER, "base_url": "https://elsewhere.example"}, ["config.base_url"]),
        ({**SENDER, "base_url": "https://api.dublin.ie1.twilio.com"}, []),
    ],
)
def test_settings_of_an_account_are_checked(config: dict[str, Any], fields: list[str]) -> None:
    found = KIND.config_problems({"account_sid": SID, **config}, Rules(production=True, recording=False))
    assert [field for field, _ in found] == fields


@pytest.mark.req("DEL-5")
def test_credentials_are_a_token_and_perhaps_a_whole_key() -> None:
    assert list(KIND.credential_problems({"auth_token": "t"})) == []
    assert [field for field, _ in KIND.credential_problems({})] == ["credentials.auth_token"]
    half = {"auth_token": "t", "api_key_sid": "SK1"}
    assert [field for field, _ in KIND.credential_problems(half)] == ["credentials.api_key_secret"]
