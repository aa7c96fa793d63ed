"""Logs tell what happened and nobody's address."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from services.common import logs
from services.common.rpc import context
from tests.common.given import settings
from tests.common.rpc.echo import EchoRequest, echo_pb2

EMAIL, PHONE = "jane.doe@example.com", "+14155550123"
TOKEN = "AQJquVYgMJrb3kR3h0E1oVS15n5rAQuiayiYogGh_BVxG3TVi0mMv0cKrkMAAAAHs7Dw2q3T7KxVIBUiTU7gFA"
BOUNCE = "njlcame23ppei54hie22cvfv4z7adip4cvyrw5gvrneyzp2hbkxegf4p7zhzyb3e"
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJqYW5lIn0.dGhpcy1pcy1hLXNpZ25hdHVyZQ"
PRIVATE = (EMAIL, "jane.doe@", PHONE, "4155550", TOKEN, BOUNCE, JWT, "hunter2")


@pytest.fixture
def out() -> Iterator[io.StringIO]:
    stream = io.StringIO()
    logs.setup(settings(), "work", stream=stream)
    yield stream
    structlog.reset_defaults()


def lines(out: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_a_line_says_when_who_and_for_which_request(out: io.StringIO) -> None:
    with context.bind(context.Caller.of_service("echo"), request_id="r-1"):
        structlog.get_logger().info("block claimed", size=500)
    [line] = lines(out)
    assert line.pop("timestamp").endswith("+00:00")
    assert line == {
        "event": "block claimed",
        "size": 500,
        "level": "info",
        "service": "echo",
        "role": "work",
        "request_id": "r-1",
    }


@pytest.mark.req("GEN-35", "REL-23")
@pytest.mark.parametrize(
    "fields",
    [
        {"note": f"sent to {EMAIL} and {PHONE}"},
        {"recipient": EMAIL},
        {"phone": "(415) 555-0123"},
        {"nested": {"deep": [{"email": EMAIL}, (PHONE,)]}},
        {"link": f"https://x.example/t/{TOKEN}?a=1"},
        {"return_path": f"{BOUNCE}@bounce.example.com"},
        {"header": f"Bearer {JWT}"},
        {"authorization": "hunter2"},
        {"api_key": "hunter2"},
        {"reset_token": "hunter2"},
        {"db_password": "hunter2"},
        {"url": "postgresql://user:hunter2@127.0.0.1/db"},
        {"body": f"Dear {EMAIL}"},
        {"object": ValueError(EMAIL)},
        {"raw": EMAIL.encode()},
        {"request": EchoRequest(text=EMAIL, address="hunter2", labels={"a": echo_pb2.Item(name=PHONE)})},
        {"requests": [EchoRequest(address="hunter2")]},
        {"names": {EMAIL}},
    ],
    ids=lambda fields: next(iter(fields)),
)
def test_no_address_and_no_secret_is_written(out: io.StringIO, fields: dict[str, Any]) -> None:
    structlog.get_logger().warning("told", **fields)
    text = out.getvalue()
    assert "told" in text
    assert [private for private in PRIVATE if private in text] == []


@pytest.mark.req("GEN-35")
def test_an_exception_is_written_with_its_trace_but_without_addresses(out: io.StringIO) -> None:
    try:
        raise LookupError(f"no row for {EMAIL}, token {TOKEN}")
    except LookupError:
        structlog.get_logger().exception("failed")
    [line] = lines(out)
    assert line["level"] == "error"
    assert "LookupError" in line["exception"]
    assert "j***@example.com" in line["exception"]
    assert [private for private in PRIVATE if private in line["exception"]] == []


@pytest.mark.req("GEN-35")
def test_libraries_take_the_same_way(out: io.StringIO) -> None:
    logging.getLogger("a.vendor").info("quiet")
    logging.getLogger("a.vendor").warning("bounced %s", EMAIL)
    logging.getLogger("services.delivery").info("ours is heard")
    try:
        raise OSError(EMAIL)
    except OSError:
        logging.getLogger("a.vendor").exception("broke")
    events = [(line["event"], line["level"], line["logger"]) for line in lines(out)]
    assert events == [
        ("bounced j***@example.com", "warning", "a.vendor"),
        ("ours is heard", "info", "services.delivery"),
        ("broke", "error", "a.vendor"),
    ]
    assert EMAIL not in out.getvalue()
    assert "OSError" in lines(out)[2]["exception"]


def test_levels_below_the_wanted_one_are_silent(out: io.StringIO) -> None:
    structlog.get_logger().debug("quiet")
    assert out.getvalue() == ""
    logs.setup(settings(log_level="warn"), stream=out)
    structlog.get_logger().info("quiet")
    logs.call_line(settings(log_level="warn"))(
        method="/x", code="OK", reason="", ms=1.0, caller="", tenant="", request_id="r"
    )
    assert out.getvalue() == ""


@pytest.mark.req("GEN-35")
def test_the_line_of_a_call_masks_its_caller(out: io.StringIO) -> None:
    write = logs.call_line(settings(), "serve")
    write(method="/a.B/C", code="OK", reason="", ms=1.5, caller=EMAIL, tenant="t-1", request_id="r-1")
    [line] = lines(out)
    assert line["caller"] == "j***@example.com"
    assert (line["event"], line["level"], line["service"], line["role"]) == ("rpc", "info", "echo", "serve")


def test_a_terminal_gets_readable_lines() -> None:
    out = io.StringIO()
    given = settings(log_format="pretty")
    logs.setup(given, stream=out)
    structlog.get_logger().info("block claimed", to=EMAIL)
    logs.call_line(given)(
        method="/a.B/C", code="OK", reason="", ms=1.5, caller="p", tenant="", request_id="r-1"
    )
    structlog.reset_defaults()
    first, second = out.getvalue().splitlines()
    assert "block claimed" in first
    assert "j***@example.com" in first
    assert "/a.B/C" in second
    assert "tenant" not in second
