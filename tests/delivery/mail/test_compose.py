import time
from email import message_from_bytes, policy
from email.header import decode_header
from email.message import EmailMessage  # noqa: TID251 - what the standard parser makes of it is checked
from uuid import UUID

import dkim
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from services.common.templating import ContentSource, Options, PlainTrail, Variable, compile_content
from services.delivery.mail.bodies import quoted
from services.delivery.mail.compose import Letter, MailFile, MailForm, MailSender
from services.delivery.mail.dkim import DkimKeyError, DkimSigner
from services.delivery.mail.headers import HeaderError

TRAIL = PlainTrail("https://m.example/u/1", "https://m.example/p/1", "https://m.example/o/1")
MESSAGE = UUID("0192f000-0000-7000-8000-000000000001")
NOW = 1_795_000_000
HTML = (
    '<p>Hello {{ name }}, = you {{ gift }}</p><p>  two  spaces </p><a href="https://s.example/?a=b">x</a>'
    + "<p>é</p>" * 40
)
CONTENT = compile_content(
    ContentSource("For {{ name }}", "Hello {{ name }}\n.{{ gift }}\n\nFrom here\n", HTML),
    [Variable("name"), Variable("gift")],
    Options("email", "en", True, branding={"postal_address": "Acme, 1 Main St"}),
)
KEY = generate_private_key(65537, 2048)
PEM = KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
PUBLIC = KEY.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def letter(name: str = "Ada", gift: str = "a book", content=CONTENT, **fields) -> Letter:
    slots = content.render_slots({"name": name, "gift": gift}, TRAIL)
    fields = {"unsubscribe_url": "https://m.example/u/1", "campaign_id": "c-1"} | fields
    return Letter(
        MESSAGE, fields.pop("address", "ada@example.com"), slots, name=fields.pop("to", name), **fields
    )


def read(raw: bytes) -> EmailMessage:
    assert all(len(line) <= 998 for line in raw.split(b"\r\n"))
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert b"\r" not in raw.replace(b"\r\n", b"")
    parsed = message_from_bytes(raw, policy=policy.SMTP)
    assert isinstance(parsed, EmailMessage)
    for part in parsed.walk():
        assert part.defects == []
    return parsed


FORM = MailForm(
    CONTENT, MailSender("news@acme.example", "Acme, Inc.", "help@acme.example", "c-1:offers:t1:angarium")
)


@pytest.mark.req("DEL-72")
def test_the_standard_parser_reads_what_was_rendered() -> None:
    one = letter('Zoë "Z" O\'Hara', "<3 & more = €5")
    parsed = read(FORM.compose(one, NOW))
    shown = {name: part.join(one.slots) for name, part in CONTENT.parts.items()}
    assert parsed["Subject"] == shown["subject"]
    text, html = parsed.iter_parts()
    assert text.get_content_type() == "text/plain"
    assert text.get_content().replace("\r\n", "\n") == shown["text"]
    assert html.get_content_type() == "text/html"
    assert html.get_content().replace("\r\n", "\n").rstrip("\n") == shown["html"]
    assert parsed["To"].addresses[0].addr_spec == "ada@example.com"
    assert parsed["To"].addresses[0].display_name == 'Zoë "Z" O\'Hara'
    assert parsed["From"].addresses[0].display_name == "Acme, Inc."


@pytest.mark.req("DEL-72", "DEL-103")
def test_headers_carry_our_references_and_the_way_out() -> None:
    parsed = read(FORM.compose(letter(unsubscribe_mailto="mailto:u@acme.example?subject=x"), NOW))
    assert parsed["Message-ID"] == f"<{MESSAGE.hex}@acme.example>"
    assert FORM.message_id(MESSAGE) == parsed["Message-ID"]
    assert parsed["X-Angarium-Message-Id"] == str(MESSAGE)
    assert parsed["X-Angarium-Campaign-Id"] == "c-1"
    assert parsed["Reply-To"] == "help@acme.example"
    assert parsed["Feedback-ID"] == "c-1:offers:t1:angarium"
    assert parsed["List-Unsubscribe"] == "<https://m.example/u/1>, <mailto:u@acme.example?subject=x>"
    assert parsed["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert parsed["Date"].datetime.timestamp() == NOW
    assert "List-Unsubscribe" not in read(FORM.compose(letter(unsubscribe_url=""), NOW))


@given(st.text(max_size=300), st.text(max_size=300), st.text(max_size=300))
def test_no_value_adds_a_header_or_a_part(name: str, gift: str, to: str) -> None:
    one = letter("Ada", gift, to=to)
    one.slots = CONTENT.render_slots({"name": name.translate(BREAKS), "gift": gift}, TRAIL)
    parsed = read(FORM.compose(one, NOW))
    assert len(parsed.keys()) == len(set(parsed.keys())) == len(read(FORM.compose(letter(), NOW)).keys())
    text, html = parsed.iter_parts()
    assert text.get_content().replace("\r\n", "\n") == CONTENT.parts["text"].join(one.slots)
    assert html.get_content().replace("\r\n", "\n").rstrip("\n") == CONTENT.parts["html"].join(
        one.slots
    ).rstrip("\n")


BREAKS = dict.fromkeys(map(ord, "\r\n\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"), " ")


@given(st.text())
def test_quoted_slots_decode_to_themselves_and_keep_lines_short(text: str) -> None:
    import quopri

    encoded = quoted(text)
    assert all(len(line) <= 75 for line in encoded.split(b"\r\n")[-1:])
    assert all(len(line) <= 76 for line in encoded.split(b"\r\n"))
    expected = text.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\r\n").encode("utf-8", "replace")
    assert quopri.decodestring(encoded + b"=\r\n") == expected


@pytest.mark.parametrize(
    "change",
    [
        {"address": "a@example.com\r\nBcc: b@example.com"},
        {"address": "a b@example.com"},
        {"address": "a@example.com>, <b@example.com"},
        {"address": "a" * 250 + "@example.com"},
        {"unsubscribe_url": "https://m.example/\r\nX: y"},
        {"campaign_id": "c\r\nX: y"},
        {"headers": {"Subject": "x"}},
        {"headers": {"X-Angarium-Message-Id": "x"}},
        {"headers": {"X: y\r\nZ": "x"}},
        {"headers": {"X-Own": "a\r\nBcc: b@example.com"}},
    ],
)
def test_what_could_break_out_of_a_header_is_refused(change: dict) -> None:
    with pytest.raises(HeaderError):
        FORM.compose(letter(**change), NOW)


def test_foreign_domains_travel_in_ascii_and_long_names_are_folded() -> None:
    parsed = read(FORM.compose(letter("व" * 90, address="a@münchen.example"), NOW))
    assert parsed["To"].addresses[0].addr_spec == "a@xn--mnchen-3ya.example"
    words = decode_header(
        str(message_from_bytes(FORM.compose(letter("व" * 90), NOW))["To"]).partition("<")[0]
    )
    assert "".join(word.decode(charset or "ascii") for word, charset in words).strip() == "व" * 90


def test_texts_beyond_latin_travel_as_base64() -> None:
    content = compile_content(
        ContentSource("नमस्ते {{ name }}", "नमस्ते {{ name }}, यह आपके लिए है।\n{{ gift }}"),
        None,
        Options("email", "hi", False),
    )
    one = letter("आदा", "x" * 300, content=content)
    parsed = read(MailForm(content, MailSender("a@b.example")).compose(one, NOW))
    assert parsed["Content-Transfer-Encoding"] == "base64"
    assert parsed["Subject"] == "नमस्ते आदा"
    assert parsed.get_content().replace("\r\n", "\n") == content.parts["text"].join(one.slots)


def test_files_are_attached_or_shown_inline() -> None:
    files = [
        MailFile("Bérénice 1.pdf", "application/pdf", b"x" * 500),
        MailFile("i.png", "image/png", b"png", "logo"),
    ]
    parsed = read(MailForm(CONTENT, MailSender("a@b.example", files=files)).compose(letter(), NOW))
    assert parsed.get_content_type() == "multipart/mixed"
    attached = list(parsed.iter_attachments())
    assert [part.get_filename() for part in attached] == ["Bérénice 1.pdf"]
    assert attached[0].get_content() == b"x" * 500
    related = next(parsed.iter_parts())
    assert related.get_content_type() == "multipart/related"
    assert [part["Content-ID"] for part in related.iter_parts()][1] == "<logo>"
    assert parsed.get_body(("html",)) is not None


def dns(_name: bytes, timeout: int = 5) -> bytes:
    import base64

    return b"v=DKIM1; k=rsa; p=" + base64.b64encode(PUBLIC)


@pytest.mark.parametrize("gift", ["a book", "tabs\t and   spaces  \n trailing \n\n"])
def test_signatures_hold_and_break_with_the_way_out(gift: str) -> None:
    form = MailForm(
        CONTENT,
        MailSender(
            "news@acme.example",
            "Acme",
            "help@acme.example",
            "a:b:c:angarium",
            signer=DkimSigner("acme.example", "s1", PEM),
        ),
    )
    raw = form.compose(letter("Zoë", gift, unsubscribe_mailto="mailto:u@acme.example"), NOW)
    read(raw)
    assert dkim.verify(raw, dnsfunc=dns)
    assert not dkim.verify(raw.replace(b"https://m.example/u/1>,", b"https://m.example/u/2>,"), dnsfunc=dns)
    assert not dkim.verify(b"List-Unsubscribe: <https://evil.example>\r\n" + raw, dnsfunc=dns)
    assert not dkim.verify(raw.replace(b"Feedback-ID: a:", b"Feedback-ID: b:"), dnsfunc=dns)


@pytest.mark.parametrize("pem", ["", "nonsense", PEM.replace("PRIVATE", "PUBLIC")])
def test_a_key_that_cannot_sign_is_refused(pem: str) -> None:
    with pytest.raises(DkimKeyError):
        DkimSigner("acme.example", "s1", pem)


def test_composing_says_what_it_costs() -> None:
    letters = [letter(f"Ada {number}") for number in range(500)]
    started = time.process_time()
    for one in letters:
        FORM.compose(one, NOW)
    print(f"\n{(time.process_time() - started) / len(letters) * 1e6:.1f} µs per message")
