"""Bounce and complaint mails are believed only at a return path that was signed here."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import grpc.aio
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.common.ids import uuid7
from services.common.security.tokens import ExpiredToken, InvalidToken, TokenSigner
from services.delivery.receipts import return_path
from tests.common.given import settings
from tests.delivery.kit import State
from tests.delivery.outside import Outside

SIGNER = TokenSigner(settings().token_keys)
DOMAIN = "bounces.bazaar.example"


def dsn(
    action: str = "failed", status: str = "5.1.1", mail_id: str = "r1", said: UUID | None = None
) -> bytes:
    ours = f"X-Angarium-Message-Id: {said}\r\n" if said else ""
    return (
        f"From: mailer@mx.example\r\nMessage-ID: <{mail_id}@mx.example>\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nSorry.\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n"
        f"Final-Recipient: rfc822; person0@example.com\r\nAction: {action}\r\nStatus: {status}\r\n"
        "Diagnostic-Code: smtp; 550 no such user\r\n\r\n"
        f"--b\r\nContent-Type: text/rfc822-headers\r\n\r\nSubject: x\r\n{ours}\r\n--b--\r\n"
    ).encode()


ARF = (
    b"From: fbl@isp.example\r\nMessage-ID: <r2@isp.example>\r\n"
    b'Content-Type: multipart/report; report-type=feedback-report; boundary="b"\r\n\r\n'
    b"--b\r\nContent-Type: text/plain\r\n\r\nA complaint.\r\n"
    b"--b\r\nContent-Type: message/feedback-report\r\n\r\nFeedback-Type: abuse\r\nUser-Agent: ISP/1\r\nVersion: 1\r\n\r\n--b--\r\n"
)


def path_of(outside: Outside, message_id: UUID) -> str:
    signer = TokenSigner(outside.house.settings.token_keys)
    return return_path.compose(signer, outside.house.tenant_id, message_id, DOMAIN)


@pytest.mark.req("DEL-86", "DEL-87")
async def test_a_report_to_the_return_path_bounces_its_message_in_any_case_of_letters(
    outside: Outside,
) -> None:
    [message_id, other] = await outside.left(2)
    answer = await outside.bounce(path_of(outside, message_id).upper(), dsn(said=other))
    assert answer.stored_count == 1
    await outside.applied()
    assert await outside.message(message_id, "state", "failure_code") == (State.STATE_BOUNCED, "5.1.1")
    assert (await outside.message(other, "state"))[0] == State.STATE_SENT
    [told] = await outside.told("message.bounced")
    assert (told.reports[0].bounce_type, told.reports[0].address_hint) == (1, "p***@example.com")


@pytest.mark.req("DEL-87")
async def test_complaints_and_delays_come_the_same_way(outside: Outside) -> None:
    [complained, delayed] = await outside.left(2)
    await outside.bounce(path_of(outside, complained), ARF)
    await outside.bounce(path_of(outside, delayed), dsn("delayed", "4.4.1"))
    await outside.applied()
    assert await outside.house.states() == {"sent": 2}
    assert [type for type, _ in await outside.house.events()] == ["message.complained"]
    assert (await outside.message(complained, "complained_at"))[0] is not None


@pytest.mark.req("DEL-87")
@pytest.mark.parametrize("field", ["Original-Mail-From: <{}>", "Original-Mail-From: {}"])
async def test_a_feedback_loop_that_writes_to_one_address_is_believed_by_the_return_path_it_quotes(
    outside: Outside, field: str
) -> None:
    [complained, other] = await outside.left(2)
    quoted = field.format(path_of(outside, complained)).encode()
    report = ARF.replace(b"Feedback-Type: abuse\r\n", b"Feedback-Type: abuse\r\n" + quoted + b"\r\n")
    answer = await outside.bounce(f"fbl@{DOMAIN}", report)
    assert answer.stored_count == 1
    await outside.applied()
    assert (await outside.message(complained, "complained_at"))[0] is not None
    assert (await outside.message(other, "complained_at"))[0] is None
    for forged in (ARF, report.replace(quoted, b"Original-Mail-From: <info@" + DOMAIN.encode() + b">")):
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await outside.bounce(f"fbl@{DOMAIN}", forged)
        assert refused.value.code() == grpc.StatusCode.INVALID_ARGUMENT


async def test_answers_of_people_are_not_kept(outside: Outside) -> None:
    [message_id] = await outside.left()
    answer = await outside.bounce(
        path_of(outside, message_id), b"From: ada@example.com\r\nSubject: Away\r\n\r\nBack on Monday.\r\n"
    )
    assert (answer.stored_count, answer.duplicate_count) == (0, 0)
    assert await outside.house.value("SELECT count(*) FROM receipt_batch") == 0


async def test_a_report_sent_twice_counts_once(outside: Outside) -> None:
    [message_id] = await outside.left()
    first = await outside.bounce(path_of(outside, message_id), dsn())
    second = await outside.bounce(path_of(outside, message_id), dsn())
    assert (first.stored_count, second.stored_count, second.duplicate_count) == (1, 0, 1)
    await outside.applied()
    assert await outside.house.events() == [("message.bounced", 1)]


async def test_nobody_makes_us_believe_in_a_bounce(outside: Outside) -> None:
    [message_id] = await outside.left()
    good = path_of(outside, message_id)
    forged = good[0] + ("a" if good[1] != "a" else "b") + good[2:]
    for address in (
        forged,
        "info@bounces.bazaar.example",
        good.partition("@")[0],
        "@",
        "x" * 64 + "@y",
        good[:-30],
    ):
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await outside.bounce(address, dsn())
        assert refused.value.code() == grpc.StatusCode.INVALID_ARGUMENT
    assert (await outside.message(message_id, "state"))[0] == State.STATE_SENT
    assert await outside.house.value("SELECT count(*) FROM receipt_batch") == 0


@given(st.uuids(version=4), st.integers(0, 59))
def test_return_paths_survive_whatever_mail_systems_do_to_letters(tenant_id: UUID, days: int) -> None:
    message_id, now = uuid7(), datetime.now(UTC)
    address = return_path.compose(SIGNER, tenant_id, message_id, DOMAIN)
    local = address.partition("@")[0]
    assert len(local) == 64
    assert local == local.lower()
    for written in (address, address.upper(), f"<{address.title()}>"):
        assert return_path.parse(SIGNER, written, now + timedelta(days=days)) == (tenant_id, message_id)
    with pytest.raises(ExpiredToken):
        return_path.parse(SIGNER, address, now + timedelta(days=61))


@given(st.text(max_size=120))
def test_whatever_is_no_return_path_is_refused(address: str) -> None:
    with pytest.raises(InvalidToken):
        return_path.parse(SIGNER, address, datetime.now(UTC))


def test_the_adapter_gets_a_composer_only_with_a_domain() -> None:
    tenant_id, message_id = uuid4(), uuid7()

    class Sent:
        def __init__(self) -> None:
            self.message_id = message_id

    composer = return_path.composer(SIGNER, tenant_id, DOMAIN)
    assert composer is not None
    assert composer(Sent()) == return_path.compose(SIGNER, tenant_id, message_id, DOMAIN)
    assert return_path.composer(SIGNER, tenant_id, "") is None
