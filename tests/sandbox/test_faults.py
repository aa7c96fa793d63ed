"""Faults on order: exactly as often as ordered, and the truth stays the truth."""

import asyncio
import time

import aiohttp
import aiosmtplib
import pytest

from sandbox.faults import FaultError, parse
from tests.sandbox.kit import Kit, mail, raw


async def accepted(kit: Kit) -> int:
    found: int = (await kit.get("/truth/summary"))["totals"]["accepted"]
    return found


async def test_a_limit_tells_when_it_resets_or_does_not(kit: Kit) -> None:
    await kit.fault("rate_limit", seconds=7)
    await kit.fault("rate_limit", reset=False)
    body = mail(kit.gateway.url, "silent@b.example")
    status, headers, text = await kit.send(body)
    assert (status, text) == (429, '{"errors":[{"field":null,"message":"too many requests"}]}')
    assert headers["X-RateLimit-Remaining"] == "0"
    assert 5 <= int(headers["X-RateLimit-Reset"]) - time.time() <= 8
    status, headers, _ = await kit.send(body)
    assert status == 429
    assert "X-RateLimit-Reset" not in headers
    assert (await kit.send(body))[0] == 202


async def test_a_burst_of_errors_ends_after_its_count(kit: Kit) -> None:
    await kit.fault("server_error", count=3, code=500, skip=1)
    body = mail(kit.gateway.url, "silent@b.example")
    assert [(await kit.send(body))[0] for _ in range(6)] == [202, 500, 500, 500, 202, 202]
    assert await accepted(kit) == 3
    (fault,) = (await kit.get("/faults"))["faults"]
    assert (fault["seen"], fault["hits"], fault["over"]) == (4, 3, True)


async def test_a_share_is_decided_by_number_and_not_by_chance(kit: Kit) -> None:
    body = mail(kit.gateway.url, "silent@b.example")
    await kit.fault("server_error", count=0, share=0.5)
    first = [(await kit.send(body))[0] for _ in range(20)]
    await kit.post("/admin/reset")
    await kit.fault("server_error", count=0, share=0.5)
    assert [(await kit.send(body))[0] for _ in range(20)] == first
    assert 3 < first.count(503) < 17


@pytest.mark.parametrize(
    ("kind", "kept"),
    [("timeout_before", 0), ("timeout_after", 1), ("disconnect_before", 0), ("disconnect_after", 1)],
)
async def test_an_answer_that_never_comes_leaves_mail_unaccepted_or_accepted(
    kit: Kit, kind: str, kept: int
) -> None:
    await kit.fault(kind)
    timeout = aiohttp.ClientTimeout(total=0.5)
    url, headers = f"{kit.url}/v3/mail/send", {"Authorization": "Bearer SG.x"}
    with pytest.raises((TimeoutError, aiohttp.ClientError)):
        async with kit.session.post(
            url, json=mail(kit.gateway.url, "silent@b.example"), headers=headers, timeout=timeout
        ):
            pass
    assert await accepted(kit) == kept
    found = await kit.get("/v3/messages?query=" + "unique_args['angarium_message_id']=%22m0%22", "SG.x")
    assert len(found["messages"]) == kept


async def test_an_answer_may_be_slow_or_broken(kit: Kit) -> None:
    await kit.fault("slow", seconds=0.3)
    began = time.perf_counter()
    assert (await kit.send(mail(kit.gateway.url, "silent@b.example")))[0] == 202
    assert time.perf_counter() - began > 0.29
    await kit.fault("broken_json")
    await kit.fault("broken_json", accepted=True)
    status, _, text = await kit.send(mail(kit.gateway.url, "silent@b.example", prefix="x"))
    assert (status, text) == (500, '{"errors":[{"message":"internal')
    assert await accepted(kit) == 1
    status, _, text = await kit.send(mail(kit.gateway.url, "silent@b.example", prefix="y"))
    assert (status, text) == (202, '{"errors":[{"message":"internal')
    assert await accepted(kit) == 2


async def test_a_fault_may_be_meant_for_certain_recipients(kit: Kit) -> None:
    await kit.fault("server_error", count=0, address="*@bad.example")
    assert (await kit.send(mail(kit.gateway.url, "a@good.example")))[0] == 202
    assert (await kit.send(mail(kit.gateway.url, "a@good.example", "b@bad.example")))[0] == 503


async def send(kit: Kit, to: str = "silent@x.example") -> str:
    client = await kit.smtp()
    _, reply = await client.sendmail("b@shop.example", [to], raw(kit.gateway.url, to, "t"))
    await client.quit()
    return reply


@pytest.mark.parametrize(
    ("stage", "code", "error"),
    [
        ("connect", 421, aiosmtplib.SMTPConnectError),
        ("mail", 451, aiosmtplib.SMTPSenderRefused),
        ("rcpt", 550, aiosmtplib.SMTPRecipientsRefused),
        ("data", 554, aiosmtplib.SMTPDataError),
        ("before_dot", 451, aiosmtplib.SMTPDataError),
    ],
)
async def test_smtp_refuses_at_the_stage_that_was_ordered(
    kit: Kit, stage: str, code: int, error: type[Exception]
) -> None:
    await kit.fault("smtp_reply", stage=stage, code=code)
    with pytest.raises(error) as caught:
        await send(kit)
    assert str(code) in str(caught.value)
    assert await accepted(kit) == 0
    await send(kit)
    assert await accepted(kit) == 1


@pytest.mark.parametrize(("stage", "kept"), [("before_dot", 0), ("after_dot", 1)])
async def test_a_connection_lost_around_the_final_dot_leaves_the_outcome_open(
    kit: Kit, stage: str, kept: int
) -> None:
    await kit.fault("smtp_disconnect", stage=stage)
    with pytest.raises((aiosmtplib.SMTPServerDisconnected, ConnectionError)):
        await send(kit)
    assert await accepted(kit) == kept


async def test_smtp_may_be_slow_or_never_answer(kit: Kit) -> None:
    await kit.fault("smtp_slow", stage="mail", seconds=0.3)
    began = time.perf_counter()
    await send(kit)
    assert time.perf_counter() - began > 0.29
    await kit.fault("smtp_timeout", stage="after_dot", seconds=0.3)
    with pytest.raises((aiosmtplib.SMTPServerDisconnected, ConnectionError)):
        await send(kit)
    assert await accepted(kit) == 2


async def test_a_reply_of_421_closes_the_connection(kit: Kit) -> None:
    await kit.fault("smtp_reply", stage="rcpt", code=421)
    reader, writer = await asyncio.open_connection("127.0.0.1", kit.smtp_port)
    writer.write(b"EHLO x\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\n")
    assert (await reader.read()).decode().rstrip().splitlines()[-1].startswith("421 4.3.2")
    writer.close()


async def test_faults_are_listed_and_cleared(kit: Kit) -> None:
    first = await kit.fault("slow")
    await kit.fault("rate_limit")
    async with kit.session.delete(f"{kit.url}/faults/{first['id']}") as response:
        assert await response.json() == {"cleared": 1}
    assert [fault["kind"] for fault in (await kit.get("/faults"))["faults"]] == ["rate_limit"]
    async with kit.session.delete(f"{kit.url}/faults") as response:
        assert await response.json() == {"cleared": 1}
    assert (await kit.send(mail(kit.gateway.url, "silent@b.example")))[0] == 202


@pytest.mark.parametrize(
    ("order", "words"),
    [
        ([], "JSON object"),
        ({"kind": "earthquake"}, "kind must be one of"),
        ({"kind": "slow", "stage": "lunch"}, "stage must be one of"),
        ({"kind": "slow", "often": 1}, "unknown field 'often'"),
        ({"kind": "slow", "count": "1"}, "count must be of type int"),
        ({"kind": "slow", "share": 0}, "share must be above 0"),
        ({"kind": "slow", "skip": -1}, "must not be negative"),
    ],
)
def test_a_wrong_order_names_the_field(order: object, words: str) -> None:
    with pytest.raises(FaultError, match=words):
        parse(order)


async def test_a_wrong_order_is_a_400_that_says_why(kit: Kit) -> None:
    async with kit.session.post(f"{kit.url}/faults", json={"kind": "x"}) as response:
        assert response.status == 400
        assert "kind must be one of" in (await response.json())["error"]
