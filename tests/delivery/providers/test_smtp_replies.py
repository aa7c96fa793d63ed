"""What a server says that is no reply is no verdict (RFC 5321, 4.2): it decides nothing about a message."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import pairwise

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from services.delivery.providers import Code, Result
from services.delivery.providers.smtp.adapter import Smtp
from services.delivery.providers.smtp.replies import MAXIMUM_REPLY, Replies, Reply, UnreadableReplyError
from services.delivery.providers.smtp.wire import Envelope, Wire
from tests.delivery.providers.blocks import message, outcomes
from tests.delivery.providers.fake_smtp import FakeSmtp
from tests.delivery.providers.test_smtp import adapter

NO_REPLIES = [
    "25 two digits",
    "2500 four digits",
    "no code",
    "",
    "150 not used by servers",
    "650 no such class",
    "250-taken\r\n550 not taken",
    "250-taken\r\nor not",
    "250-" + "x" * MAXIMUM_REPLY + "\r\n250 ok",
    "\r\n".join(["250-more"] * 8000),
]


@asynccontextmanager
async def relay(*, pipelining: bool) -> AsyncIterator[tuple[FakeSmtp, Smtp]]:
    async with FakeSmtp(pipelining=pipelining) as server, adapter(server.port, concurrency=1) as smtp:
        yield server, smtp


@pytest.mark.req("DEL-82", "DEL-78")
@pytest.mark.parametrize("pipelining", [True, False])
@pytest.mark.parametrize("said", NO_REPLIES, ids=lambda said: said[:12] or "nothing")
async def test_what_is_no_reply_is_tried_again_before_the_content_and_in_doubt_after_it(
    said: str, pipelining: bool
) -> None:
    async with relay(pipelining=pipelining) as (server, smtp):
        server.replies |= {"r1@example.com": said, "data:r3@example.com": said, "dot:r5@example.com": said}
        results = await outcomes(smtp, [message(f"r{n}@example.com") for n in range(7)])
    assert [one.result for one in results] == [
        Result.ACCEPTED,
        Result.RETRYABLE,
        Result.ACCEPTED,
        Result.RETRYABLE,
        Result.ACCEPTED,
        Result.UNKNOWN,
        Result.ACCEPTED,
    ]
    assert {results[n].code for n in (1, 3, 5)} == {Code.UNREADABLE_ANSWER}
    assert all(results[n].provider_fault for n in (1, 3, 5))


@pytest.mark.parametrize("pipelining", [True, False])
async def test_a_reply_that_does_not_fit_the_command_is_no_verdict_either(pipelining: bool) -> None:
    async with relay(pipelining=pipelining) as (server, smtp):
        server.replies |= {
            "r0@example.com": "354 go on",
            "data:r1@example.com": "250 done already",
            "dot:r2@example.com": "354 go on",
        }
        results = await outcomes(smtp, [message(f"r{n}@example.com") for n in range(4)])
    assert [one.result for one in results] == [
        Result.RETRYABLE,
        Result.RETRYABLE,
        Result.UNKNOWN,
        Result.ACCEPTED,
    ]
    assert [letter[1] for letter in server.letters] == ["r3@example.com"]


@pytest.mark.parametrize("pipelining", [True, False])
async def test_a_server_that_speaks_unasked_is_left_before_its_words_are_taken_for_answers(
    pipelining: bool,
) -> None:
    async with relay(pipelining=pipelining) as (server, smtp):
        server.replies["dot:r0@example.com"] = "250 ok\r\n250 ok\r\n250 ok\r\n354 go on\r\n250 ok"
        results = await outcomes(smtp, [message("r0@example.com")])
        assert results[0].result is Result.ACCEPTED
        server.replies["r1@example.com"] = "550 5.1.1 unknown"
        (refused,) = await outcomes(smtp, [message("r1@example.com")])
    assert (refused.result, refused.code) == (Result.PERMANENT, Code.INVALID_RECIPIENT)


@pytest.mark.parametrize("pipelining", [True, False])
async def test_a_server_that_never_answers_a_reset_keeps_nobody_else_waiting(pipelining: bool) -> None:
    async with relay(pipelining=pipelining) as (server, smtp):
        server.replies |= {"r0@example.com": "550 5.1.1 unknown", "rset": "hang"}
        results = await outcomes(smtp, [message(f"r{n}@example.com") for n in range(3)])
    assert [one.result for one in results] == [Result.PERMANENT, Result.ACCEPTED, Result.ACCEPTED]


@pytest.mark.parametrize("pipelining", [True, False])
async def test_what_nobody_foresaw_in_a_transaction_is_logged_and_decides_nothing_but_what_left(
    pipelining: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = Wire.commands

    def commands(self: Wire, envelope: Envelope) -> bytes:
        if envelope.recipient == "r1@example.com":
            raise RuntimeError("nobody foresaw this")
        return original(self, envelope)

    monkeypatch.setattr(Wire, "commands", commands)
    with structlog.testing.capture_logs() as logs:
        async with relay(pipelining=pipelining) as (_, smtp):
            results = await outcomes(smtp, [message(f"r{n}@example.com") for n in (1, 2, 3)])
    assert [one.result for one in results] == [Result.RETRYABLE, Result.ACCEPTED, Result.ACCEPTED]
    assert not results[0].provider_fault
    assert [one["event"] for one in logs if one["log_level"] == "error"] == ["an SMTP transaction broke off"]


async def test_what_nobody_foresaw_while_connecting_is_logged_and_the_messages_stay(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def broken(self: object) -> None:
        raise RuntimeError("nobody foresaw this")

    async with relay(pipelining=True) as (_, smtp):
        monkeypatch.setattr(type(smtp._pool), "open", broken)
        with structlog.testing.capture_logs() as logs:
            results = await outcomes(smtp, [message(f"r{n}@example.com") for n in range(3)])
    assert {one.result for one in results} == {Result.RETRYABLE}
    assert [one["event"] for one in logs if one["log_level"] == "error"] == [
        "an SMTP connection's work broke off"
    ]


# The reader of replies

CODES = st.integers(200, 599).map(str)
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), max_size=20)


@st.composite
def dialogues(draw: st.DrawFn) -> tuple[bytes, list[Reply]]:
    """Returns bytes as a server sends them, and the replies they are."""
    sent, replies = b"", []
    for code in draw(st.lists(CODES, max_size=5)):
        texts = draw(st.lists(TEXTS, min_size=1, max_size=4))
        lines = [f"{code}-{text}" for text in texts[:-1]]
        bare = not texts[-1] and draw(st.booleans())
        lines.append(code if bare else f"{code} {texts[-1]}")
        sent += "".join(f"{line}\r\n" for line in lines).encode()
        replies.append(Reply(int(code), " ".join(texts)))
    return sent, replies


def pieces(sent: bytes, cuts: list[int]) -> list[bytes]:
    places = sorted({0, len(sent), *(cut % (len(sent) + 1) for cut in cuts)})
    return [sent[low:high] for low, high in pairwise(places)]


def heard(parts: list[bytes]) -> tuple[list[Reply], bool]:
    """Returns the replies read from pieces, and whether they ended in what is none."""
    reader = Replies()
    found: list[Reply] = []
    try:
        for part in parts:
            found.extend(reader.read(part))
    except UnreadableReplyError:
        return found, True
    return found, False


@given(dialogues(), st.lists(st.integers(0, 10_000), max_size=12))
def test_replies_are_the_same_wherever_their_bytes_are_cut(
    dialogue: tuple[bytes, list[Reply]], cuts: list[int]
) -> None:
    sent, replies = dialogue
    assert heard(pieces(sent, cuts)) == (replies, False)


@given(dialogues(), st.binary(max_size=60), st.lists(st.integers(0, 10_000), max_size=12))
def test_anything_at_all_is_read_alike_wherever_it_is_cut(
    dialogue: tuple[bytes, list[Reply]], noise: bytes, cuts: list[int]
) -> None:
    sent = dialogue[0] + noise + b"\r\n" + dialogue[0]
    found = heard([sent])
    assert heard(pieces(sent, cuts)) == found
    assert found[0][: len(dialogue[1])] == dialogue[1]


@pytest.mark.parametrize("said", NO_REPLIES, ids=lambda said: said[:12] or "nothing")
def test_what_is_no_reply_is_told_and_hides_none_before_it(said: str) -> None:
    sent = b"250 ok\r\n" + said.encode() + b"\r\n"
    assert heard([sent]) == ([Reply(250, "ok")], True)
    assert heard([sent[n : n + 1] for n in range(len(sent))]) == ([Reply(250, "ok")], True)


def test_a_line_without_an_end_is_not_kept_for_ever() -> None:
    assert heard([b"250-" + b"x" * 1000] + [b"x" * 1000] * 100) == ([], True)
