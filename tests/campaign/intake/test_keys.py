"""Keys that neighbours sign with: shown once, sealed, replaced without a gap, and gone when they are revoked."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import orjson
import pytest
from google.protobuf.duration_pb2 import Duration

from angarium.campaign.v1 import event_intake_service_pb2 as pb
from services.campaign.intake.keeping import forget_old
from services.common.errors import ServiceError
from tests.campaign.intake.kit import ACCEPTED, Stand


async def make(stand: Stand, source: str = "orders", *types: str) -> pb.CreateIntakeKeyResponse:
    answer: pb.CreateIntakeKeyResponse = await stand.owner().CreateIntakeKey(
        pb.CreateIntakeKeyRequest(source=source, event_types=types)
    )
    return answer


async def resolve(stand: Stand, key_id: str) -> pb.ResolveIntakeKeyResponse:
    answer: pb.ResolveIntakeKeyResponse = await stand.gateway().ResolveIntakeKey(
        pb.ResolveIntakeKeyRequest(key_id=key_id)
    )
    return answer


async def signed(
    stand: Stand, key_id: str, *told: dict[str, Any], nonce: str = ""
) -> pb.IngestEventsResponse:
    request = pb.IngestEventsRequest(
        events_json=orjson.dumps(list(told)), key_id=key_id, nonce=nonce or str(uuid4())
    )
    answer: pb.IngestEventsResponse = await stand.gateway().IngestEvents(request)
    return answer


async def reason(call: Any) -> str:
    with pytest.raises(ServiceError) as refusal:
        await call
    found: str = refusal.value.reason
    return found


@pytest.mark.req("CAM-73", "CAM-17", "GEN-36")
async def test_a_keys_secret_is_shown_once_and_kept_sealed(stand: Stand) -> None:
    request = pb.CreateIntakeKeyRequest(
        source="orders", event_types=["payment.completed", "order.paid"], idempotency_key="one"
    )
    first = await stand.owner().CreateIntakeKey(request)
    assert first.secret.startswith("ingest_")
    assert list(first.intake_key.event_types) == ["order.paid", "payment.succeeded"]
    again = await stand.owner().CreateIntakeKey(request)
    assert (again.deduplicated, again.secret) == (True, "")
    assert again.intake_key.key_id == first.intake_key.key_id
    found = await resolve(stand, first.intake_key.key_id)
    assert (found.tenant_id, found.source, list(found.secrets)) == (
        str(stand.tenant_id),
        "orders",
        [first.secret.encode()],
    )
    everything = await stand.rows(
        "SELECT intake_key::text FROM campaign.intake_key UNION ALL SELECT audit::text FROM campaign.audit"
        " UNION ALL SELECT idempotency::text FROM campaign.idempotency"
    )
    assert not any(first.secret in text or first.secret.encode().hex() in text for (text,) in everything)


@pytest.mark.req("CAM-73", "EVT-9")
async def test_a_key_is_for_types_of_the_catalogue_only(stand: Stand) -> None:
    with pytest.raises(ServiceError) as refusal:
        await make(stand, "orders", "order.paid", "aml.alert", "lottery.drawn")
    assert [wrong.field for wrong in refusal.value.violations] == ["event_types[1]", "event_types[2]"]


@pytest.mark.req("CAM-73", "GAT-26")
async def test_while_a_key_is_rotated_both_secrets_hold_and_then_the_new_one_alone(stand: Stand) -> None:
    made = await make(stand)
    key_id = made.intake_key.key_id
    overlap = Duration(seconds=3600)
    rotated = await stand.owner().RotateIntakeKey(pb.RotateIntakeKeyRequest(key_id=key_id, overlap=overlap))
    old, new = made.secret.encode(), rotated.secret.encode()
    assert list((await resolve(stand, key_id)).secrets) == [new, old]
    stand.clock.advance(timedelta(seconds=3600))
    assert list((await resolve(stand, key_id)).secrets) == [new]
    at_once = await stand.owner().RotateIntakeKey(
        pb.RotateIntakeKeyRequest(key_id=key_id, overlap=Duration())
    )
    assert list((await resolve(stand, key_id)).secrets) == [at_once.secret.encode()]


@pytest.mark.req("CAM-73", "GAT-50", "SEC-120")
async def test_a_revoked_key_is_as_unknown_as_one_that_never_was(stand: Stand) -> None:
    made = await make(stand)
    key_id = made.intake_key.key_id
    await stand.owner().RevokeIntakeKey(pb.RevokeIntakeKeyRequest(key_id=key_id))
    assert await reason(resolve(stand, key_id)) == "NOT_FOUND"
    assert await reason(resolve(stand, "ik_never")) == "NOT_FOUND"
    # Also when the gateway still remembers it.
    assert await reason(signed(stand, key_id, stand.envelope())) == "SIGNATURE_INVALID"
    assert await reason(signed(stand, "ik_never", stand.envelope())) == "SIGNATURE_INVALID"
    assert await stand.states() == {}
    assert await stand.rows("SELECT secret, previous_secret FROM campaign.intake_key") == [(None, None)]
    assert (
        await reason(stand.owner().RotateIntakeKey(pb.RotateIntakeKeyRequest(key_id=key_id))) == "NOT_FOUND"
    )


@pytest.mark.req("CAM-73", "GEN-26")
async def test_keys_are_listed_without_secrets_and_without_those_of_others(stand: Stand) -> None:
    for source in ("orders", "payments", "tickets"):
        await make(stand, source)
        stand.clock.advance(timedelta(seconds=1))
    owner = stand.owner()
    first = await owner.ListIntakeKeys(pb.ListIntakeKeysRequest(page_size=2))
    rest = await owner.ListIntakeKeys(pb.ListIntakeKeysRequest(page_size=2, page_token=first.next_page_token))
    keys = [*first.intake_keys, *rest.intake_keys]
    assert [one.source for one in keys] == ["tickets", "payments", "orders"]
    assert not rest.next_page_token
    await owner.RevokeIntakeKey(pb.RevokeIntakeKeyRequest(key_id=keys[0].key_id))
    assert len((await owner.ListIntakeKeys(pb.ListIntakeKeysRequest())).intake_keys) == 2
    every = await owner.ListIntakeKeys(pb.ListIntakeKeysRequest(with_revoked=True))
    assert [one.is_active for one in every.intake_keys] == [False, True, True]
    stranger = stand.owner(tenant_id=uuid4())
    assert list((await stranger.ListIntakeKeys(pb.ListIntakeKeysRequest())).intake_keys) == []
    request = pb.RevokeIntakeKeyRequest(key_id=keys[1].key_id)
    assert await reason(stranger.RevokeIntakeKey(request)) == "NOT_FOUND"


@pytest.mark.req("GAT-26", "SEC-121", "GAT-48")
async def test_a_nonce_is_used_once_and_a_repeat_stores_nothing(stand: Stand) -> None:
    key_id = (await make(stand)).intake_key.key_id
    nonce = str(uuid4())
    answer = await signed(stand, key_id, stand.envelope(), nonce=nonce)
    assert [one.state for one in answer.results] == [ACCEPTED]
    assert await reason(signed(stand, key_id, stand.envelope(), nonce=nonce)) == "REPLAYED_REQUEST"
    assert len(await stand.states()) == 1
    # Of a request that failed as a whole, the nonce is not used up.
    other = str(uuid4())
    request = pb.IngestEventsRequest(events_json=b"[", key_id=key_id, nonce=other)
    assert await reason(stand.gateway().IngestEvents(request)) == "VALIDATION_FAILED"
    assert (await signed(stand, key_id, stand.envelope(), nonce=other)).accepted_count == 1


@pytest.mark.req("GEN-47", "GAT-26")
async def test_nonces_are_kept_ten_minutes(stand: Stand) -> None:
    key_id = (await make(stand)).intake_key.key_id
    for _ in range(3):
        await signed(stand, key_id, stand.envelope())
    stand.clock.advance(timedelta(minutes=10, seconds=1))
    await signed(stand, key_id, stand.envelope())
    assert await stand.rows("SELECT count(*) FROM campaign.intake_nonce") == [(1,)]
    stand.clock.advance(timedelta(minutes=10, seconds=1))
    async with stand.database.system() as uow:
        assert await forget_old(uow, uow.now(), 100) == 1
    assert await stand.rows("SELECT count(*) FROM campaign.intake_nonce") == [(0,)]


@pytest.mark.req("GAT-54", "CAM-73")
async def test_a_key_signs_events_of_its_source_and_types_and_the_use_is_noted(stand: Stand) -> None:
    key_id = (await make(stand, "orders", "order.expired")).intake_key.key_id
    answer = await signed(
        stand,
        key_id,
        stand.envelope(),
        stand.envelope(source="payments"),
        stand.envelope("order.delivered"),
        stand.envelope(tenant_id=str(uuid4())),
    )
    assert [one.reason for one in answer.results] == [
        "",
        "source_mismatch",
        "type_not_allowed",
        "tenant_mismatch",
    ]
    assert await stand.rows("SELECT key_id FROM campaign.inbound_event") == [(key_id,)]
    [key] = (await stand.owner().ListIntakeKeys(pb.ListIntakeKeysRequest())).intake_keys
    assert key.HasField("last_use_time")


@pytest.mark.req("CAM-73", "SEC-44", "SEC-2")
async def test_only_the_gateway_may_say_that_a_request_was_signed(stand: Stand) -> None:
    told = orjson.dumps([stand.envelope()])
    named = pb.IngestEventsRequest(events_json=told, key_id="ik_any", nonce=str(uuid4()))
    assert await reason(stand.neighbour().IngestEvents(named)) == "PERMISSION_DENIED"
    bare = pb.IngestEventsRequest(events_json=told)
    assert await reason(stand.gateway().IngestEvents(bare)) == "PERMISSION_DENIED"
    assert await reason(stand.owner().IngestEvents(bare)) == "PERMISSION_DENIED"
    asked = pb.ResolveIntakeKeyRequest(key_id="ik_any")
    assert await reason(stand.neighbour().ResolveIntakeKey(asked)) == "PERMISSION_DENIED"
    assert await reason(stand.neighbour().ListIntakeKeys(pb.ListIntakeKeysRequest())) == "PERMISSION_DENIED"


@pytest.mark.req("CAM-73", "GEN-34")
async def test_what_is_done_to_keys_is_audited(stand: Stand) -> None:
    key_id = (await make(stand)).intake_key.key_id
    await stand.owner().RotateIntakeKey(pb.RotateIntakeKeyRequest(key_id=key_id))
    await stand.owner().RevokeIntakeKey(pb.RevokeIntakeKeyRequest(key_id=key_id))
    rows = await stand.rows("SELECT action, actor, resource_id FROM campaign.audit ORDER BY audit_id")
    assert rows == [(f"intake_key.{word}", "anna", key_id) for word in ("create", "rotate", "revoke")]
