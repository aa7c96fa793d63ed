"""POST /v3/mail/send as SendGrid answers it, asked by SendGrid's own client and by hand."""

import asyncio
import gzip
import io
import json
import time
from typing import Any

import pytest
from python_http_client.exceptions import BadRequestsError, UnauthorizedError
from sendgrid import SendGridAPIClient
from sendgrid.helpers.mail import Content, CustomArg, Email, Header, Mail, Personalization, Substitution, To

from sandbox.sendgrid.validation import validate
from tests.sandbox.kit import KEY, Kit, mail


def errors_of(text: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(text)["errors"]
    return found


async def test_the_vendors_client_sends_a_batch_of_personalizations(kit: Kit) -> None:
    message = Mail(from_email=Email("news@shop.example", "The Shop"), subject="Hello -name-")
    message.add_content(Content("text/plain", "Dear -name-"))
    message.add_content(Content("text/html", "<p>Dear -name-</p>"))
    message.add_header(Header("X-List", "-name-"))
    for number in range(3):
        block = Personalization()
        block.add_to(To(f"silent+{number}@example.com"))
        block.add_substitution(Substitution("-name-", f"Person {number}"))
        block.add_custom_arg(CustomArg("angarium_message_id", f"id-{number}"))
        message.add_personalization(block)
    client = SendGridAPIClient(KEY, host=kit.url)
    answer = await asyncio.to_thread(client.send, message)
    assert answer.status_code == 202
    assert answer.body == b""
    assert answer.headers["X-Message-Id"]
    found = await kit.get("/truth?message_id=id-1")
    (stored,) = found["messages"]
    assert stored["address"] == "silent+1@example.com"
    assert stored["subject"] == "Hello Person 1"
    page = await kit.page(f"/messages/{stored['number']}?view=headers")
    assert "X-List" in page
    assert "Person 1" in page
    assert "<p>Dear Person 1</p>" in await kit.page(f"/messages/{stored['number']}/body")


async def test_the_vendors_client_raises_its_own_errors(kit: Kit) -> None:
    with pytest.raises(UnauthorizedError):
        await asyncio.to_thread(
            SendGridAPIClient("wrong", host=kit.url).send, mail("http://x", "a@b.example")
        )
    with pytest.raises(BadRequestsError) as caught:
        await asyncio.to_thread(SendGridAPIClient(KEY, host=kit.url).send, {"from": {"email": "a@b.example"}})
    assert caught.value.to_dict["errors"][0]["field"] == "personalizations"


async def test_credentials_are_refused_in_the_vendors_bytes(kit: Kit) -> None:
    body = mail("http://x", "a@b.example")
    status, _, text = await kit.send(body, key="SG.invalid")
    assert status == 401
    assert text == (
        '{"errors":[{"message":"The provided authorization grant is invalid, expired, or revoked",'
        '"field":null,"help":null}]}'
    )
    assert len(text) == 116
    assert (await kit.send(body, key=""))[0] == 401
    assert (await kit.send(body, key="SG.restricted"))[0] == 403


async def test_scopes_and_account_tell_whether_a_credential_works(kit: Kit) -> None:
    assert "mail.send" in (await kit.get("/v3/scopes", KEY))["scopes"]
    assert (await kit.get("/v3/user/account", KEY))["type"] == "paid"
    assert "errors" in await kit.get("/v3/scopes", "SG.revoked")


def changed(**changes: Any) -> dict[str, Any]:
    body = {**mail("http://gate.example", "a@b.example"), **changes}
    return {name: value for name, value in body.items() if value is not ...}


def block(**changes: Any) -> dict[str, Any]:
    return changed(personalizations=[{"to": [{"email": "a@b.example"}], **changes}])


CASES = [
    (changed(personalizations=[]), "personalizations", "must have at least one personalization"),
    (changed(personalizations=[{"to": [{"email": f"a{n}@b.example"}]} for n in range(1001)]), "personalizations",
     "limited to 1000 personalizations per API request. You have provided 1001"),
    (changed(personalizations=[{"to": []}]), "personalizations.0.to", "The to array is required"),
    (block(to=[{"email": "nobody"}]), "personalizations.0.to.0.email", "Does not contain a valid address."),
    (block(cc=[{"email": "A@b.example"}]), "personalizations.0", "first duplicate instance of [A@b.example]"),
    (changed(personalizations=[{"to": [{"email": "a@b.example"}]}] * 2), "personalizations", "more than once"),
    (block(bcc=[{"email": f"a{n}@c.example"} for n in range(1000)]), "personalizations", "1000 total recipients"),
    (block(custom_args={"a": 1}), "personalizations.0.custom_args.a", "must be strings"),
    (block(custom_args={"a": "é" * 5000}), "personalizations.0.custom_args", "10,000 bytes"),
    (block(custom_args="x"), "personalizations.0.custom_args", "Invalid type. Expected: object, given: string."),
    (block(substitutions={"-a-": "x" * 9998}), "personalizations.0.substitutions", "10,000 bytes"),
    (block(substitutions={"-a-": 1}), "personalizations.0.substitutions", "all strings"),
    (block(headers={"Reply-To": "x"}), "personalizations.0.headers.Reply-To", "reserved keys"),
    (block(subject=""), "personalizations.0.subject", "at least one character"),
    (block(send_at=int(time.time()) + 4 * 86400), "personalizations.0.send_at", "72 hours"),
    (changed(headers={"DKIM-Signature": "x"}), "headers.DKIM-Signature", "reserved keys"),
    (changed(headers={"X-Ü": "x"}), "headers.X-Ü", "non-ASCII"),
    (changed(headers={"X-A": 1}), "headers.X-A", "must be strings"),
    (changed(**{"from": ...}), "from.email", "The from object must be provided"),
    (changed(**{"from": {"email": "x"}}), "from.email", "The from email does not contain a valid address."),
    (changed(reply_to={"email": "x"}), "reply_to.email", "valid address"),
    (changed(subject=...), "subject", "The subject is required."),
    (changed(content=...), "content", "the content parameter is required"),
    (changed(content=[{"type": "text/html", "value": ""}]), "content.0.value", "at least one character"),
    (changed(content=[{"type": "text/html", "value": "a"}, {"type": "text/plain", "value": "a"}]), "content",
     "RFC 1341"),
    (changed(categories=[str(n) for n in range(11)]), "categories", "limit of 10 categories"),
    (changed(categories=["x" * 256]), "categories.0", "255 characters"),
    (changed(send_at="soon"), "send_at", "Unix timestamp"),
    (changed(asm={"group_id": 1, "groups_to_display": list(range(26))}), "asm.groups_to_display", "25"),
    (changed(template_id="d-1"), "template_id", "valid template id"),
    (changed(attachments=[{"content": "§", "filename": "a"}]), "attachments.0.content", "base64"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("body", "field", "words"), CASES, ids=[f"{case[1]}: {case[2][:24]}" for case in CASES]
)
def test_what_breaks_a_rule_is_refused_with_its_field(body: dict[str, Any], field: str, words: str) -> None:
    found = validate(body)
    assert (field, True) in [(entry["field"], words in entry["message"]) for entry in found]
    for entry in found:
        assert list(entry) == ["message", "field", "help"]
        assert entry["help"].startswith("http://sendgrid.com/docs/API_Reference/Web_API_v3/Mail/errors.html#")


async def test_a_refusal_carries_every_error_and_nothing_is_accepted(kit: Kit) -> None:
    status, headers, text = await kit.send(changed(subject=..., **{"from": {"email": "x"}}))
    assert status == 400
    assert headers["Content-Type"].startswith("application/json")
    assert [entry["field"] for entry in errors_of(text)] == ["from.email", "subject"]
    assert (await kit.get("/truth/summary"))["totals"]["accepted"] == 0


async def test_bodies_that_are_no_mail_are_refused(kit: Kit) -> None:
    assert errors_of((await kit.send(b"{"))[2]) == [{"message": "Bad Request", "field": None, "help": None}]
    assert (await kit.send(b"[]"))[0] == 400
    assert (await kit.send(b"\xff"))[0] == 415
    assert (await kit.send(b"{}", **{"Content-Type": "text/plain"}))[0] == 415
    assert (await kit.send(io.BytesIO(b" " * 30_000_001)))[0] == 413


async def test_an_unverified_sender_is_forbidden(kit: Kit) -> None:
    status, _, text = await kit.send(changed(**{"from": {"email": "unverified@shop.example"}}))
    assert status == 403
    assert "verified Sender Identity" in errors_of(text)[0]["message"]


async def test_a_compressed_body_is_read(kit: Kit) -> None:
    body = gzip.compress(json.dumps(changed()).encode())
    status, _, _ = await kit.send(body, **{"Content-Encoding": "gzip", "Content-Type": "application/json"})
    assert status == 202


async def test_sandbox_mode_validates_and_sends_nothing(kit: Kit) -> None:
    status, headers, _ = await kit.send(changed(mail_settings={"sandbox_mode": {"enable": True}}))
    assert status == 200
    assert "X-Message-Id" not in headers
    assert (await kit.get("/truth/summary"))["totals"]["accepted"] == 0


async def test_substitutions_reach_subject_bodies_and_headers_and_may_overlap(kit: Kit) -> None:
    body = changed(
        subject="-a- and -ab-",
        headers={"List-Unsubscribe": "<https://x.example/-ab->"},
        content=[{"type": "text/plain", "value": "%name% -a- $1.50"}],
        personalizations=[
            {
                "to": [{"email": "silent@b.example"}],
                "headers": {"X-One": "-a-"},
                "substitutions": {"-a-": "A", "-ab-": "AB", "%name%": "\\1 <b>"},
                "custom_args": {"angarium_message_id": "one"},
            }
        ],
    )
    assert (await kit.send(body))[0] == 202
    (stored,) = (await kit.get("/truth?message_id=one"))["messages"]
    assert stored["subject"] == "A and AB"
    source = await kit.page(f"/messages/{stored['number']}/source")
    assert "X-One: A" in source
    assert "List-Unsubscribe: <https://x.example/AB>" in source
    assert "\\1 <b> A $1.50" in source


async def test_the_same_message_accepted_twice_is_a_duplicate(kit: Kit) -> None:
    for _ in range(2):
        await kit.send(mail(kit.gateway.url, "open@b.example"))
    totals = (await kit.quiet())["totals"]
    assert (totals["accepted"], totals["accepted_unique"], totals["duplicates"]) == (2, 1, 1)
    assert totals["delivered"] == totals["opened"]["human"] == 1
    assert (await kit.get("/truth"))["addresses"]["open@b.example"]["duplicates"] == 1


async def test_a_thousand_recipients_are_one_quick_request(kit: Kit) -> None:
    body = mail(kit.gateway.url, *(f"silent+{number}@b.example" for number in range(1000)))
    began = time.perf_counter()
    assert (await kit.send(body))[0] == 202
    assert time.perf_counter() - began < 1.5
    assert (await kit.get("/truth/summary"))["totals"]["accepted_unique"] == 1000


async def test_mail_may_be_sent_later(kit: Kit) -> None:
    await kit.send(changed(send_at=int(time.time()) + 2))
    truth = await kit.get("/truth")
    assert truth["totals"]["accepted"] == 1
    await asyncio.sleep(0.3)
    assert kit.gateway.webhooks == []
