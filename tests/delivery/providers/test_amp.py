"""The AMP part of an e-mail: where it stands, and that accounts of unregistered senders never carry it."""

import uuid
from base64 import b64decode
from email import message_from_bytes, policy
from typing import Any

import pytest

from angarium.common.v1 import enums_pb2
from services.common.templating import ContentSource, Options, Variable, compile_content
from services.delivery.providers import Attachment, Block, Outgoing, Provider, Result, Sender
from services.delivery.providers.kinds import Rules
from services.delivery.providers.registry import kind_of, open_provider
from tests.delivery.kit import House, recipient
from tests.delivery.providers.blocks import TRAIL
from tests.delivery.providers.fake_mailgun import FakeMailgun
from tests.delivery.providers.fake_postmark import FakePostmark
from tests.delivery.providers.fake_sendgrid import FakeSendGrid
from tests.delivery.providers.fake_ses import FakeSes
from tests.delivery.providers.fake_smtp import FakeSmtp
from tests.delivery.providers.rigs.base import account

AMP = (
    '<!doctype html>\n<html ⚡4email>\n<head>\n<meta charset="utf-8">\n'
    '<script async src="https://cdn.ampproject.org/v0.js"></script>\n'
    "<style amp4email-boilerplate>body{visibility:hidden}</style>\n</head>\n"
    "<body><p>{{ name }} of AMP</p>{% for one in items %}<b>{{ one }}</b>{% endfor %}</body>\n</html>\n"
)
CONTENT = compile_content(
    ContentSource("For {{ name }}", "Hello {{ name }}", "<p>{{ name }} of html</p>", amp=AMP),
    [Variable("name"), Variable("items")],
    Options("email", "en", False, pixel=False),
)
SHOWN = AMP.partition("<body>")[0] + "<body><p>A&amp;da of AMP</p><b>secret</b></body>\n</html>\n"
KINDS = [["text/plain", "text/html"], ["text/plain", "text/x-amp-html", "text/html"]]
registered = pytest.mark.parametrize("is_registered", [False, True])


async def send(provider: Provider, people: int = 1, **fields: Any) -> None:
    slots = CONTENT.render_slots({"name": "A&da", "items": ["secret"]}, TRAIL)
    outgoing = [Outgoing(uuid.uuid4(), f"r{n}@example.com", slots, "Ada") for n in range(people)]
    block = Block(CONTENT, Sender("news@acme.example", "Acme"), outgoing, tenant_id="t1", **fields)
    found = [one async for lot in provider.send(block) for one in lot]
    await provider.close()
    assert [one.result for one in found] == [Result.ACCEPTED] * people


def bodies(raw: bytes, is_registered: bool) -> None:
    """The parts of a message as the standard library reads them."""
    letter = message_from_bytes(raw, policy=policy.SMTP)
    while letter.get_content_type() in ("multipart/mixed", "multipart/related"):
        letter = next(letter.iter_parts())
    assert letter.get_content_type() == "multipart/alternative"
    parts = list(letter.iter_parts())
    assert [part.get_content_type() for part in parts] == KINDS[is_registered]
    assert not any(part.defects for part in parts)
    texts = [part.get_content().replace("\r\n", "\n") for part in parts]
    assert texts[0].startswith("Hello A&da")
    assert "A&amp;da of html" in texts[-1]
    if is_registered:
        assert texts[1] == SHOWN


@registered
@pytest.mark.req("DEL-99", "DEL-109")
async def test_mail_has_amp_between_text_and_html(is_registered: bool) -> None:
    async with FakeSmtp(pipelining=True) as server:
        config = {
            "host": "127.0.0.1",
            "port": server.port,
            "security": "none",
            "amp_registered": is_registered,
        }
        await send(
            open_provider(account("smtp", **config)),
            attachments=[Attachment("a.pdf", "application/pdf", b"%PDF")],
        )
        [(_, _, raw)] = server.letters
        bodies(raw, is_registered)


@registered
@pytest.mark.req("DEL-99", "DEL-109")
async def test_sendgrid_gets_amp_between_text_and_html(is_registered: bool) -> None:
    async with FakeSendGrid() as server:
        await send(
            open_provider(
                account("sendgrid", {"api_key": "good"}, base_url=server.url, amp_registered=is_registered)
            ),
            people=2,
        )
        (body,) = server.requests
    assert [part["type"] for part in body["content"]] == KINDS[is_registered]
    for one in body["personalizations"]:
        filled = body["content"][1]["value"]
        for tag, value in one["substitutions"].items():
            filled = filled.replace(tag, value)
        assert any("secret" in value for value in one["substitutions"].values()) is is_registered
        assert (filled == SHOWN) is is_registered


@registered
@pytest.mark.req("DEL-99", "DEL-109")
async def test_mailgun_gets_amp_as_a_field_of_its_own(is_registered: bool) -> None:
    async with FakeMailgun() as server:
        config = {"base_url": server.url, "domain": "mg.acme.example", "amp_registered": is_registered}
        await send(open_provider(account("mailgun", {"api_key": "good"}, **config)), people=2)
        (form,) = server.requests
        assert {"text", "html"} <= form.keys()
        assert ("amp-html" in form) is is_registered
        assert ("secret" in form["recipient-variables"][0]) is is_registered
        if is_registered:
            assert {one["amp-html"].replace("\r\n", "\n") for one in server.seen()} == {SHOWN}


@registered
@pytest.mark.req("DEL-99", "DEL-109")
async def test_messages_with_amp_travel_through_ses_as_they_were_composed(is_registered: bool) -> None:
    async with FakeSes() as server:
        keys = {"access_key_id": "AKID", "secret_access_key": "secret"}
        config = {"region": "eu-central-1", "base_url": server.url, "amp_registered": is_registered}
        await send(open_provider(account("ses", keys, **config)), people=2)
        assert [kind for kind, _ in server.requests] == [["bulk"], ["single", "single"]][is_registered]
        assert len({one["message_id"] for one in server.taken}) == 2
        for kind, body in server.requests:
            if kind == "single":
                bodies(b64decode(body["Content"]["Raw"]["Data"]), is_registered)
            else:
                assert body["DefaultContent"]["Template"]["TemplateContent"].keys() == {
                    "Subject",
                    "Text",
                    "Html",
                }
                assert "<b>" not in str(body)


@pytest.mark.req("DEL-99")
async def test_postmark_which_takes_no_amp_gets_text_and_html() -> None:
    async with FakePostmark() as server:
        await send(open_provider(account("postmark", {"server_token": "good"}, base_url=server.url)))
        ((message,),) = server.requests
    assert "A&amp;da of html" in message["HtmlBody"]
    assert "of AMP" not in str(message)


@pytest.mark.req("DEL-99", "DEL-109")
@pytest.mark.parametrize(("is_enabled", "is_registered"), [(True, True), (True, False), (False, True)])
async def test_tenant_and_account_decide_whether_the_amp_of_a_template_leaves(
    house: House, is_enabled: bool, is_registered: bool
) -> None:
    house.neighbours.templates.amp_enabled = is_enabled
    goes = is_enabled and is_registered
    version = house.template(category=enums_pb2.CATEGORY_OFFER, html="<p>{{ name }} of html</p>")
    known = house.neighbours.templates.versions[house.tenant_id, str(version)].version
    known.contents[0].body_amp = AMP.replace("{% for one in items %}<b>{{ one }}</b>{% endfor %}", "")
    async with FakeSendGrid() as server, house.worker(provider_mode="live"):
        config = {"from_address": "news@acme.example", "amp_registered": is_registered}
        await house.add_carrier(server.url, config=config)
        await house.send_block(house.campaign_content(version), [recipient()])
        await house.until_states({"sent": 1})
        (body,) = server.requests
    assert [part["type"] for part in body["content"]] == KINDS[goes]
    shown = body["content"][1]["value"]
    assert ("of AMP" in shown) is goes
    assert "1 Main Street" in shown  # the footer of marketing


def test_accounts_that_can_carry_amp_say_whether_their_sender_is_registered() -> None:
    rules = Rules(production=True, recording=False)
    for name in ("sendgrid", "mailgun", "ses", "smtp", "postmark"):
        for value, wrong in ((True, False), ("yes", True)):
            fields = {field for field, _ in kind_of(name).config_problems({"amp_registered": value}, rules)}
            assert ("config.amp_registered" in fields) is (wrong or name == "postmark"), name


async def test_a_preheader_travels_before_everything_that_is_seen(house: House) -> None:
    version = house.template(html="<p>{{ name }} of html</p>")
    known = house.neighbours.templates.versions[house.tenant_id, str(version)].version
    known.contents[0].preheader = "Only for {{ name }}"
    async with FakeSendGrid() as server, house.worker(provider_mode="live"):
        await house.add_carrier(server.url, config={"from_address": "news@acme.example"})
        await house.send_block(house.content(version), [recipient(7)])
        await house.until_states({"sent": 1})
        (body,) = server.requests
    html = body["content"][-1]["value"]
    assert html.index("Only for") < html.index("of html")
    assert "Only for" not in body["content"][0]["value"]
