"""WhatsApp by Meta, Gupshup and WATI: what leaves as template, as text and with files, and what refusals mean."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import orjson
import pytest

from services.common.templating import ContentSource, Options, Variable, compile_content
from services.delivery.providers import Account, Code, Outcome, Outgoing, Result
from services.delivery.providers.gupshup.body import Forms
from services.delivery.providers.gupshup.codes import meaning_of as of_gupshup
from services.delivery.providers.gupshup.kind import KIND as GUPSHUP
from services.delivery.providers.http import Answer
from services.delivery.providers.kinds import Rules
from services.delivery.providers.meta.adapter import _outcome
from services.delivery.providers.meta.body import Messages
from services.delivery.providers.meta.codes import meaning_of as of_meta
from services.delivery.providers.meta.kind import KIND as META
from services.delivery.providers.wati.answers import outcomes as wati_outcomes
from services.delivery.providers.wati.body import Requests
from services.delivery.providers.wati.kind import KIND as WATI
from tests.delivery.providers.rigs import gupshup, meta, wati
from tests.delivery.providers.rigs.texting import GUPSHUP_TEMPLATE, Rig, Texting, texting
from tests.delivery.providers.texts import TEMPLATE, TEXT, block, outcomes, text

PICTURE = "https://m.example/media/autumn.JPG?x=1"
FILM = "https://m.example/media/walk.mp4"
PAPER = "https://m.example/media/menu.pdf"


def account(rig: Rig, **config: Any) -> Account:
    return Account(uuid.uuid4(), rig.name, {**rig.config, **config}, rig.credentials, channel=rig.channel)


def to_meta(one: Outgoing, content: Any = TEMPLATE, media: Sequence[str] = (), **config: Any) -> Any:
    made = block([one], content, media_urls=media)
    return orjson.loads(Messages(account(meta.RIG, **config), made).body(one))


def to_gupshup(
    one: Outgoing, content: Any = TEMPLATE, media: Sequence[str] = (), **config: Any
) -> dict[str, Any]:
    forms = Forms(account(gupshup.RIG, **config), block([one], content, media_urls=media))
    found: dict[str, Any] = dict(parse_qsl(forms.body(one).decode(), strict_parsing=True))
    return {name: orjson.loads(value) if value.startswith("{") else value for name, value in found.items()}


def to_wati(outgoing: Sequence[Outgoing], content: Any = TEMPLATE, **config: Any) -> Any:
    return orjson.loads(Requests(account(wati.RIG, **config), block(outgoing, content)).body(outgoing))


@pytest.mark.req("DEL-105", "DEL-109")
def test_meta_gets_name_language_and_ordered_parameters_and_echoes_whose_message_it_is() -> None:
    one = text(name="Zoë", note="two")
    made = to_meta(one)
    assert (made["messaging_product"], made["recipient_type"], made["type"]) == (
        "whatsapp",
        "individual",
        "template",
    )
    assert (made["to"], made["template"]["name"], made["template"]["language"]) == (
        "12025550100",
        "hallo",
        {"code": "de"},
    )
    assert made["template"]["components"] == [
        {"type": "body", "parameters": [{"type": "text", "text": "Zoë"}, {"type": "text", "text": "two"}]}
    ]
    echo = made["biz_opaque_callback_data"]
    assert dict(parse_qsl(echo)) == {
        "angarium_message_id": str(one.message_id),
        "angarium_tenant_id": str(uuid.UUID(int=7)),
        "angarium_campaign_id": "c-1",
    }
    assert len(echo) <= 512


@pytest.mark.req("DEL-105")
@pytest.mark.parametrize(
    ("note", "sent"),
    [
        ("one\ntwo", "one two"),
        ("one \r\n\t two", "one two"),
        ("a     b", "a b"),
        ("a    b", "a    b"),
    ],
)
def test_a_value_is_one_line_because_whatsapp_refuses_others(note: str, sent: str) -> None:
    one = text(note=note)
    values = to_meta(one)["template"]["components"][0]["parameters"]
    assert values[1] == {"type": "text", "text": sent}
    assert to_gupshup(one)["template"]["params"][1] == sent
    assert to_wati([one])["recipients"][0]["custom_params"][1]["value"] == sent
    # Within a day a text goes as it was written.
    assert to_meta(one, TEXT, templates={})["text"]["body"] == TEXT.join(one.slots, "text")


@pytest.mark.req("DEL-105")
def test_a_template_without_a_language_of_its_own_gets_that_of_the_content() -> None:
    brazilian = compile_content(
        ContentSource(None, "Olá {{ name }}", parameters=()),
        [Variable("name")],
        Options("whatsapp", "pt-BR", False),
    )
    one = Outgoing(uuid.uuid4(), "+5511987654321", ["Zoë"])
    made = to_meta(one, brazilian, templates={"hello": "ola", "hello:de": "hallo"})
    assert (made["template"]["name"], made["template"]["language"]) == ("ola", {"code": "pt_BR"})
    assert made["template"]["components"] == []


@pytest.mark.req("DEL-105")
def test_what_has_no_approved_template_leaves_as_text() -> None:
    one = text(name="Zoë", note="two & three")
    free = to_meta(one, TEXT, templates={})
    assert (free["type"], free["text"]) == ("text", {"preview_url": False, "body": "Hello Zoë: two & three"})
    assert "template" not in free
    form = to_gupshup(one, TEXT, templates={})
    assert form["message"] == {"type": "text", "text": "Hello Zoë: two & three"}
    assert to_wati([one], TEXT, templates={}) == {
        "target": "85264318722:12025550100",
        "text": "Hello Zoë: two & three",
    }


@pytest.mark.req("DEL-60")
def test_a_file_goes_along_where_the_carrier_takes_it() -> None:
    one = text(name="Zoë")
    header = to_meta(one, media=[PICTURE])["template"]["components"][0]
    assert header == {
        "type": "header",
        "parameters": [{"type": "image", "image": {"link": PICTURE}}],
    }
    film = to_meta(one, TEXT, media=[FILM], templates={})
    assert (film["type"], film["video"]) == ("video", {"link": FILM, "caption": "Hello Zoë: hi"})
    paper = to_meta(one, TEXT, media=[PAPER], templates={})
    assert paper["document"] == {"link": PAPER, "filename": "menu.pdf", "caption": "Hello Zoë: hi"}
    form = to_gupshup(one, media=[PICTURE])
    assert (form["template"]["id"], form["message"]) == (
        GUPSHUP_TEMPLATE,
        {"type": "image", "image": {"link": PICTURE}},
    )
    assert to_gupshup(one, TEXT, media=[PICTURE], templates={})["message"]["originalUrl"] == PICTURE
    assert to_gupshup(one, TEXT, media=[PAPER], templates={})["message"]["type"] == "file"
    assert to_gupshup(one, TEXT, media=[FILM], templates={})["message"] == {
        "type": "video",
        "url": FILM,
        "caption": "Hello Zoë: hi",
    }


@pytest.mark.req("DEL-60", "DEL-82")
def test_more_files_than_a_carrier_takes_are_refused_and_none_is_left_out_in_silence() -> None:
    one = text()
    two = block([one], TEMPLATE, media_urls=[PICTURE, FILM])
    single = block([one], TEMPLATE, media_urls=[PICTURE])
    for found in (
        Messages(account(meta.RIG), two).refusal(one),
        Forms(account(gupshup.RIG), two).refusal(one),
        Requests(account(wati.RIG), single).refusal(one),
    ):
        assert found is not None
        assert (found.result, found.code) == (Result.PERMANENT, Code.REQUEST_REFUSED)


@pytest.mark.req("DEL-82")
def test_a_text_that_is_empty_or_too_long_does_not_leave() -> None:
    bare = compile_content(
        ContentSource(None, "{{ name }}"), [Variable("name")], Options("whatsapp", "en", False)
    )
    for words, code in ((" ", Code.CONTENT_REFUSED), ("y" * 4097, Code.TOO_LARGE)):
        one = Outgoing(uuid.uuid4(), "+12025550100", [words])
        found = Messages(account(meta.RIG, templates={}), block([one], bare)).refusal(one)
        assert found is not None
        assert (found.result, found.code) == (Result.PERMANENT, code)


def test_wati_knows_parameters_by_their_names_and_messages_by_ours() -> None:
    sent = [text(name="A"), text("+12025550101", name="B", note="b")]
    made = to_wati(sent)
    assert (made["template_name"], made["channel"], made["broadcast_name"]) == (
        "hello",
        "85264318722",
        "angarium-c-1",
    )
    assert made["recipients"][1] == {
        "target": "12025550101",
        "local_message_id": str(sent[1].message_id),
        "custom_params": [{"name": "name", "value": "B"}, {"name": "note", "value": "b"}],
    }


@pytest.mark.req("DEL-82", "DEL-83")
@pytest.mark.parametrize(
    ("codes", "result", "word", "recipient_fault", "provider_fault"),
    [
        ((130429, 80007, 4), Result.RETRYABLE, "rate_limited", False, True),
        ((131056,), Result.RETRYABLE, "pair_rate", False, False),
        ((131048,), Result.RETRYABLE, "spam_rate", False, True),
        ((131049,), Result.PERMANENT, "marketing_capped", False, False),
        ((131050,), Result.PERMANENT, "opted_out", True, False),
        ((131026,), Result.PERMANENT, "undeliverable", False, False),
        ((131047,), Result.PERMANENT, "outside_window", False, False),
        ((130472,), Result.PERMANENT, "experiment", False, False),
        ((131000, 131016, 1, 2, 133004, 131057), Result.RETRYABLE, "unavailable", False, True),
        ((131005, 10, 200, 299, 3, 190, 0), Result.RETRYABLE, "credentials", False, True),
        ((131031, 368, 131042, 131045, 131064), Result.RETRYABLE, "credentials", False, True),
        ((131008, 131009, 100, 131021, 131051), Result.PERMANENT, "request_refused", False, False),
        ((132000, 132008, 132012), Result.PERMANENT, "template_parameters", False, False),
        ((132001,), Result.PERMANENT, "template_unknown", False, False),
        ((132005,), Result.PERMANENT, "too_large", False, False),
        ((132007,), Result.PERMANENT, "policy", False, False),
        ((132015,), Result.PERMANENT, "template_paused", False, False),
        ((132016,), Result.PERMANENT, "template_disabled", False, False),
    ],
)
def test_a_code_of_whatsapp_means_what_the_table_says(
    codes: tuple[int, ...], result: Result, word: str, recipient_fault: bool, provider_fault: bool
) -> None:
    for code in codes:
        body = orjson.dumps({"error": {"code": code, "message": "call +12025550100"}})
        # Only the code is looked at, whatever the status says.
        for status in (400, 401, 500):
            found = _outcome(uuid.uuid4(), Answer(status, {}, body), 0.0)
            assert (found.result, found.code, found.recipient_fault, found.provider_fault) == (
                result,
                word,
                recipient_fault,
                provider_fault,
            )
            assert "+1202" not in found.reason
            assert found.provider_message_id == ""


@pytest.mark.req("DEL-81", "DEL-82")
def test_pacing_waits_as_long_as_is_asked() -> None:
    def after(code: int, **headers: str) -> timedelta | None:
        body = orjson.dumps({"error": {"code": code}})
        return _outcome(uuid.uuid4(), Answer(400, headers, body), 0.0).retry_after

    usage = {"1": [{"type": "messaging", "estimated_time_to_regain_access": 7}, {"type": "x"}], "2": 3}
    name = "X-Business-Use-Case-Usage"
    assert after(131056) == timedelta(seconds=6)
    assert after(131048) == timedelta(hours=1)
    assert after(80007) is None
    assert after(80007, **{name: orjson.dumps(usage).decode()}) == timedelta(minutes=7)
    for nonsense in ("", "{", "[]", '{"1": 2}', '{"1": [{"estimated_time_to_regain_access": 0}]}'):
        assert after(80007, **{name: nonsense}) is None
    assert after(131026, **{name: orjson.dumps(usage).decode()}) is None


@pytest.mark.req("DEL-82")
def test_a_code_nobody_lists_follows_its_status() -> None:
    body = orjson.dumps({"error": {"code": 999999}})
    found = _outcome(uuid.uuid4(), Answer(400, {}, body), 0.0)
    assert (found.result, found.code, found.provider_fault) == (Result.PERMANENT, "meta_999999", False)
    assert _outcome(uuid.uuid4(), Answer(503, {}, body), 0.0).code == Code.UNAVAILABLE
    assert _outcome(uuid.uuid4(), Answer(404, {}, b"<html>"), 0.0).code == "http_404"


@pytest.mark.req("DEL-82")
@pytest.mark.parametrize(
    ("code", "word"),
    [
        (1002, "undeliverable"),
        (1003, "credentials"),
        (1004, "outside_window"),
        (1008, "outside_window"),
        (1010, "content_refused"),
        (1012, "opted_out"),
        (4001, "rate_limited"),
        (4003, "template_unknown"),
        (131050, "opted_out"),
        ("131026", "undeliverable"),
    ],
)
def test_gupshup_has_codes_of_its_own_and_metas(code: object, word: str) -> None:
    meaning = of_gupshup(code)
    assert meaning is not None
    assert meaning.code == word
    assert of_gupshup("x") is None
    assert of_meta("x") is None


@pytest.fixture
async def clouds(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Texting]:
    async with texting(request.param, tmp_path) as made:
        yield made


@pytest.mark.req("DEL-82")
@pytest.mark.parametrize(
    ("clouds", "template", "code"),
    [
        (meta.RIG, "missing_one", "template_unknown"),
        (meta.RIG, "paused_one", "template_paused"),
        (gupshup.RIG, "00000000-bcb0-4fb1-8100-28c094e3bc6b", "template_unknown"),
        (wati.RIG, "missing_one", "template_unknown"),
    ],
    indirect=["clouds"],
)
async def test_a_template_that_is_not_approved_is_refused_for_good(
    clouds: Texting, template: str, code: str
) -> None:
    provider = clouds.provider(config={"templates": {"hello": template}})
    (found,) = await outcomes(provider, [text()], TEMPLATE)
    assert (found.result, found.code, found.recipient_fault) == (Result.PERMANENT, code, False)
    assert not found.provider_fault


class TestAnswersOfWati:
    """A request may succeed and leave some recipients out."""

    sent = (text(), text("+12025550101"), text("+12025550102"))

    def judged(self, answer: Any, status: int = 200) -> list[Outcome]:
        return wati_outcomes(self.sent, Answer(status, {}, orjson.dumps(answer)), 0.0)

    def receiver(self, place: int, **fields: Any) -> dict[str, Any]:
        one = self.sent[place]
        return {"localMessageId": str(one.message_id), "waId": one.address[1:], "errors": [], **fields}

    def test_each_recipient_has_a_word_of_their_own(self) -> None:
        found = self.judged(
            {
                "result": True,
                "receivers": [
                    self.receiver(1, isValidWhatsAppNumber=False),
                    self.receiver(0, localMessageId="w-1"),
                ],
            }
        )
        assert [(one.result, one.code) for one in found] == [
            (Result.ACCEPTED, ""),
            (Result.PERMANENT, Code.INVALID_RECIPIENT),
            # Whoever an answer leaves out may have been taken: never sent again blindly.
            (Result.UNKNOWN, Code.UNREADABLE_ANSWER),
        ]
        assert found[0].provider_message_id == "w-1"
        assert found[1].recipient_fault

    def test_errors_of_a_recipient_are_weighed_by_their_code(self) -> None:
        errors = [{"code": 131050}], [{"code": "132001"}], ["something else"]
        receivers = [self.receiver(place, errors=error) for place, error in enumerate(errors)]
        found = self.judged({"result": True, "receivers": receivers})
        assert [one.code for one in found] == ["opted_out", "template_unknown", Code.REQUEST_REFUSED]
        assert {one.result for one in found} == {Result.PERMANENT}

    @pytest.mark.req("DEL-82")
    def test_a_failure_told_with_status_200_is_one(self) -> None:
        known = self.judged({"success": False, "error": {"code": 132001}})
        assert {(one.result, one.code) for one in known} == {(Result.PERMANENT, "template_unknown")}
        # Nobody knows the reason: it is tried once more and no oftener.
        other = self.judged({"result": False, "error": "no credits"})
        assert {(one.result, one.code) for one in other} == {(Result.RETRYABLE, "")}

    def test_an_answer_that_cannot_be_read_leaves_everybody_unknown(self) -> None:
        found = wati_outcomes(self.sent, Answer(200, {}, b"<html>"), 0.0)
        assert {one.result for one in found} == {Result.UNKNOWN}


META_CONFIG = {"phone_number_id": "27681414235104944"}
GUPSHUP_CONFIG = {"from": "+917834811114", "app_name": "Salon"}


@pytest.mark.req("DEL-5")
@pytest.mark.parametrize(
    ("kind", "config", "fields"),
    [
        (META, META_CONFIG, []),
        (META, {**META_CONFIG, "templates": {"a": "b_1", "a:de": "b:de_DE"}}, []),
        (META, {**META_CONFIG, "templates": {"a": "Not A Name"}}, ["config.templates"]),
        (META, {**META_CONFIG, "base_url": "https://graph.facebook.com/v25.0"}, []),
        (META, {**META_CONFIG, "base_url": "https://graph.facebook.example"}, ["config.base_url"]),
        (META, {}, ["config.phone_number_id"]),
        (GUPSHUP, GUPSHUP_CONFIG, []),
        (GUPSHUP, {**GUPSHUP_CONFIG, "templates": {"a": GUPSHUP_TEMPLATE}}, []),
        (GUPSHUP, {**GUPSHUP_CONFIG, "templates": {"a": "b"}}, ["config.templates"]),
        (GUPSHUP, {**GUPSHUP_CONFIG, "webhook_networks": ["203.0.113.0/24", "2001:db8::/32"]}, []),
        (GUPSHUP, {**GUPSHUP_CONFIG, "webhook_networks": ["everywhere"]}, ["config.webhook_networks"]),
        (GUPSHUP, {**GUPSHUP_CONFIG, "webhook_networks": "203.0.113.0/24"}, ["config.webhook_networks"]),
        (GUPSHUP, {"app_name": "Salon"}, ["config.from"]),
        (WATI, {}, []),
        (WATI, {"base_url": "https://live-mt-server.wati.io", "channel_number": "85264318722"}, []),
        (WATI, {"base_url": "https://wati.io.example"}, ["config.base_url"]),
        (WATI, {"channel_number": "+85264318722"}, ["config.channel_number"]),
    ],
)
def test_settings_of_an_account_are_checked(kind: Any, config: dict[str, Any], fields: list[str]) -> None:
    found = kind.config_problems(config, Rules(production=True, recording=False))
    assert [field for field, _ in found] == fields
