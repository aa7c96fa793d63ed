"""Webhooks of Meta, Gupshup and WATI, normalised."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import orjson
import pytest

from services.common.ids import uuid7
from services.delivery.providers import MalformedReceiptError, Receipt, ReceiptKind
from services.delivery.providers.gupshup.events import parse_webhook as of_gupshup
from services.delivery.providers.meta.events import parse_webhook as of_meta
from services.delivery.providers.wati.events import parse_webhook as of_wati

ID = uuid7()
TENANT = uuid.UUID(int=7)
WAMID = "wamid.HBgLMTIwMjU1NTAxNDMVAgARGBI5QTNDQTVCM0Q0Q0Q2RTY3RTcA"
AT = datetime(2026, 11, 21, 10, 0, 0, tzinfo=UTC)
SECONDS = int(AT.timestamp())
ECHO = urlencode({"angarium_tenant_id": str(TENANT), "angarium_message_id": str(ID)})


def status(word: str, code: int | None = None, **fields: Any) -> dict[str, Any]:
    found: dict[str, Any] = {
        "id": WAMID, "status": word, "timestamp": str(SECONDS), "recipient_id": "12025550143",
        "biz_opaque_callback_data": ECHO, **fields,
    }  # fmt: skip
    return {**found, "errors": [{"code": code, "title": "to +12025550143"}]} if code is not None else found


def call(*values: dict[str, Any]) -> bytes:
    changes = [{"field": "messages", "value": value} for value in values]
    return orjson.dumps({"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": changes}]})


def ending(receipt: Receipt) -> tuple[Any, ...]:
    return receipt.kind, receipt.code, receipt.suppression


@pytest.mark.req("DEL-86", "DEL-87")
@pytest.mark.parametrize(
    ("word", "code", "expected"),
    [
        ("sent", None, (ReceiptKind.SENT, "", "")),
        ("delivered", None, (ReceiptKind.DELIVERED, "", "")),
        ("read", None, (ReceiptKind.READ, "", "")),
        ("played", None, (ReceiptKind.READ, "", "")),
        ("failed", 131050, (ReceiptKind.FAILED, "opted_out", "opt_out")),
        ("failed", 131026, (ReceiptKind.FAILED, "undeliverable", "")),
        ("failed", 131047, (ReceiptKind.FAILED, "outside_window", "")),
        ("failed", 131049, (ReceiptKind.FAILED, "marketing_capped", "")),
        ("failed", 999999, (ReceiptKind.FAILED, "meta_999999", "")),
        ("failed", None, (ReceiptKind.FAILED, "failed", "")),
        ("warning", None, (ReceiptKind.IGNORED, "", "")),
    ],
)
def test_a_status_of_meta_means_what_the_table_says(
    word: str, code: int | None, expected: tuple[Any, ...]
) -> None:
    [receipt] = of_meta(call({"statuses": [status(word, code)]}))
    assert ending(receipt) == expected
    assert (receipt.message_id, receipt.tenant_id, receipt.provider_message_id) == (ID, TENANT, WAMID)
    assert (receipt.provider_event_id, receipt.occurred_at) == (f"{WAMID}:{word}", AT)
    assert "+1202" not in repr(receipt)
    assert receipt.bounce_type == ""


@pytest.mark.req("DEL-85", "DEL-86")
def test_one_call_tells_of_many_and_one_bad_status_does_not_refuse_the_others() -> None:
    other = status("read", id="wamid.2", biz_opaque_callback_data="nonsense")
    body = call(
        {"statuses": [status("sent"), {"id": 7}, "x", other]},
        {"messages": [{"id": "in", "text": {"body": "hi"}}]},
        {"errors": [{"code": 130429}]},
        {"statuses": [status("delivered")]},
    )
    found = of_meta(body)
    assert [one.kind for one in found] == [ReceiptKind.SENT, ReceiptKind.READ, ReceiptKind.DELIVERED]
    assert found[1].message_id is None
    # A repeat has the same keys.
    assert [one.provider_event_id for one in of_meta(body)] == [one.provider_event_id for one in found]


@pytest.mark.parametrize("parse", [of_meta, of_gupshup, of_wati])
@pytest.mark.parametrize("raw", [b"", b"\xff\x00", b"{", b"3", b'{"a": 1}'])
def test_what_is_no_webhook_call_is_refused(parse: Any, raw: bytes) -> None:
    with pytest.raises(MalformedReceiptError):
        parse(raw)


def gupshup(word: str, payload: dict[str, Any] | None = None, **fields: Any) -> bytes:
    event = {
        "id": "gBEG",
        "gsId": "gs-1",
        "type": word,
        "destination": "12025550143",
        "payload": payload or {},
    }
    body = {"app": "Salon", "timestamp": SECONDS * 1000, "version": 2, "type": "message-event"}
    return orjson.dumps({**body, "payload": {**event, **fields}})


@pytest.mark.req("DEL-86", "DEL-87")
@pytest.mark.parametrize(
    ("word", "payload", "expected"),
    [
        ("enqueued", {}, (ReceiptKind.IGNORED, "", "")),
        ("sent", {"ts": SECONDS}, (ReceiptKind.SENT, "", "")),
        ("delivered", {"ts": SECONDS}, (ReceiptKind.DELIVERED, "", "")),
        ("read", {"ts": SECONDS}, (ReceiptKind.READ, "", "")),
        ("deleted", {}, (ReceiptKind.IGNORED, "", "")),
        ("failed", {"code": 1012, "reason": "12025550143"}, (ReceiptKind.FAILED, "opted_out", "opt_out")),
        ("failed", {"code": 131049}, (ReceiptKind.FAILED, "marketing_capped", "")),
        ("failed", {"code": 77}, (ReceiptKind.FAILED, "gupshup_77", "")),
        ("failed", {}, (ReceiptKind.FAILED, "failed", "")),
    ],
)
def test_an_event_of_gupshup_means_what_the_table_says(
    word: str, payload: dict[str, Any], expected: tuple[Any, ...]
) -> None:
    [receipt] = of_gupshup(gupshup(word, payload))
    assert ending(receipt) == expected
    assert (receipt.provider_message_id, receipt.also_named, receipt.occurred_at) == ("gs-1", "gBEG", AT)
    assert "2025550143" not in repr(receipt)


@pytest.mark.req("DEL-85")
def test_events_of_gupshup_bear_its_own_name_or_whatsapps_or_both() -> None:
    [early] = of_gupshup(gupshup("failed", id="gs-1", gsId=None))
    assert (early.provider_message_id, early.also_named) == ("gs-1", "")
    [late] = of_gupshup(gupshup("read", gsId=None))
    assert (late.provider_message_id, late.also_named) == ("gBEG", "")


@pytest.mark.req("DEL-86")
def test_version_3_of_gupshup_is_metas_shape_with_its_own_names_and_times() -> None:
    body = call(
        {"statuses": [status("enqueued", gs_id="gs-1", timestamp=SECONDS * 1000 + 250)]},
        {"statuses": [status("delivered", gs_id="gs-1")]},
        {"statuses": [status("failed", 1012, gs_id="gs-1")]},
    )
    enqueued, delivered, failed = of_gupshup(body)
    assert enqueued.kind is ReceiptKind.IGNORED
    assert (enqueued.occurred_at - AT).total_seconds() == 0.25
    assert (delivered.kind, delivered.provider_message_id, delivered.also_named) == (
        ReceiptKind.DELIVERED,
        "gs-1",
        WAMID,
    )
    assert ending(failed) == (ReceiptKind.FAILED, "opted_out", "opt_out")


def test_what_gupshup_tells_of_people_and_accounts_is_no_receipt() -> None:
    for kind in ("message", "user-event", "billing-event", "template-event", "something-new"):
        assert of_gupshup(orjson.dumps({"type": kind, "payload": {"type": "x", "id": "1"}})) == []


def wati(kind: str, **fields: Any) -> bytes:
    return orjson.dumps(
        {
            "eventType": kind, "localMessageId": str(ID), "whatsappMessageId": WAMID, "waId": "12025550143",
            "timestamp": str(SECONDS), **fields,
        }
    )  # fmt: skip


@pytest.mark.req("DEL-86", "DEL-87")
@pytest.mark.parametrize(
    ("kind", "fields", "expected"),
    [
        ("templateMessageSent_v2", {}, (ReceiptKind.SENT, "", "")),
        ("templateMessageSent_v2_bsuid", {}, (ReceiptKind.SENT, "", "")),
        ("sessionMessageSent", {}, (ReceiptKind.SENT, "", "")),
        ("sentMessageDELIVERED_v2", {}, (ReceiptKind.DELIVERED, "", "")),
        ("sentMessageREAD_v2", {}, (ReceiptKind.READ, "", "")),
        ("templateMessageFailed", {"failedCode": "131026"}, (ReceiptKind.FAILED, "undeliverable", "")),
        ("templateMessageFailed", {"failedCode": "131050"}, (ReceiptKind.FAILED, "opted_out", "opt_out")),
        ("sessionMessageFailed", {"failedCode": None}, (ReceiptKind.FAILED, "failed", "")),
    ],
)
def test_an_event_of_wati_means_what_the_table_says(
    kind: str, fields: dict[str, Any], expected: tuple[Any, ...]
) -> None:
    [receipt] = of_wati(wati(kind, **fields))
    assert ending(receipt) == expected
    assert (receipt.message_id, receipt.provider_message_id, receipt.also_named) == (ID, str(ID), WAMID)
    assert receipt.occurred_at == AT


def test_watis_own_names_are_not_taken_for_ours() -> None:
    own = "d38f0c3a-e833-4725-a894-53a2b1dc1af6"
    [receipt] = of_wati(wati("sentMessageREAD_v2", localMessageId=own, created="2026-11-21T10:00:00.5Z"))
    assert (receipt.message_id, receipt.provider_message_id) == (None, own)
    assert (receipt.occurred_at - AT).total_seconds() == 0.5
    [late] = of_wati(wati("sentMessageREAD_v2", localMessageId=None))
    assert (late.provider_message_id, late.also_named) == (WAMID, "")


def test_what_wati_tells_of_people_and_accounts_is_no_receipt() -> None:
    for kind in ("message", "newContactMessageReceived", "sentMessageREPLIED_v2", "templateStatusUpdate"):
        assert of_wati(wati(kind)) == []
