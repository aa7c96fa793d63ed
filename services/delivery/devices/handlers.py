"""Registering, removing and listing push devices (DEL-15, DEL-53), and forgetting those nobody uses (JOB-30)."""

from dataclasses import dataclass
from datetime import time, timedelta
from uuid import UUID
from zoneinfo import available_timezones

from angarium.delivery.v1 import device_service_pb2 as pb
from services.common.clock import Clock
from services.common.contact_data import keys as person_keys
from services.common.contact_data import merged
from services.common.db.database import Database
from services.common.db.uow import UnitOfWork
from services.common.errors import invalid, not_found
from services.common.ids import uuid7
from services.common.jobs import BATCH_ROWS, Job, JobContext, JobCounts, batches
from services.common.net.guard import Guard, UnsafeUrl
from services.common.paging import cut, page_size, position
from services.common.security.envelope import Envelope
from services.common.security.hashing import address_hash_candidates
from services.common.security.keys import KeySet
from services.delivery.devices import convert, domain, store
from services.delivery.devices.domain import Kind, Platform, Refused
from services.delivery.devices.sealing import Token, aad_of_device, sealed
from services.delivery.devices.store import Device
from services.delivery.providers.webpush.encryption import point
from services.delivery.subjects import Subject

_ZONES = available_timezones()


@dataclass(frozen=True, slots=True)
class Devices:
    """What the use cases of devices need."""

    database: Database
    envelope: Envelope
    hash_keys: KeySet
    guard: Guard
    clock: Clock


async def register(
    deps: Devices, tenant_id: UUID, subject: Subject, request: pb.RegisterDeviceRequest
) -> Device:
    """Stores a device, or that it is still there; its token belongs to this person from now on."""
    async with deps.database.tenant(tenant_id) as uow:
        return await _register(deps, uow, subject, request)


async def _register(
    deps: Devices, uow: UnitOfWork, subject: Subject, request: pb.RegisterDeviceRequest
) -> Device:
    platform = Platform(request.platform)
    kind = domain.kind_of(platform, request.token_kind)
    token = _token(deps.guard, kind, request)
    if request.time_zone and request.time_zone not in _ZONES:
        raise invalid("time_zone", "must be an IANA time zone")
    contact_id = await merged.kept(uow, subject.id)
    ring = await person_keys.keyring(uow, deps.hash_keys, [contact_id])
    if contact_id in ring.erased:
        raise not_found("contact", contact_id)
    hashes = _hashes(deps, uow, token.token)
    await store.lock(uow, contact_id)
    device_id = await store.known(uow, contact_id, request.app_id, hashes) or uuid7()
    inner = sealed(ring.secrets[contact_id], token, device_id)
    return await store.put(
        uow,
        {
            "device_id": device_id,
            "contact_id": contact_id,
            "staff_id": subject.staff_id or None,
            "platform": int(platform),
            "kind": int(kind),
            "app_id": request.app_id,
            "token_hash": hashes[0],
            "sealed": await deps.envelope.seal(uow, inner, aad_of_device(device_id)),
            "language_code": request.language_code,
            "time_zone": request.time_zone,
        },
    )


async def unregister(
    deps: Devices, tenant_id: UUID, contact_id: UUID, request: pb.UnregisterDeviceRequest
) -> bool:
    """Removes a device of a contact; returns whether it was there."""
    async with deps.database.tenant(tenant_id) as uow:
        contact_id = await merged.kept(uow, contact_id)
        if request.WhichOneof("device") == "device_id":
            return await store.remove(uow, contact_id, UUID(request.device_id))
        named = request.device_token
        # Tokens of APNs are known in small letters; nobody says here of which service this one is.
        spellings = {named.token, named.token.lower()}
        hashes = [digest for token in spellings for digest in _hashes(deps, uow, token)]
        return await store.remove_token(uow, contact_id, named.app_id, hashes)


async def page(
    deps: Devices, tenant_id: UUID, contact_id: UUID, request: pb.ListDevicesRequest
) -> pb.ListDevicesResponse:
    """Returns a page of a contact's devices."""
    size = page_size(request.page_size)
    async with deps.database.tenant(tenant_id) as uow:
        contact_id = await merged.kept(uow, contact_id)
        found = await store.page(uow, contact_id, position(request, request.page_token), size + 1)
    shown, token = cut(request, found, size, lambda one: one.device_id)
    return pb.ListDevicesResponse(devices=[convert.device(one) for one in shown], next_page_token=token)


def forgetting_job() -> Job:
    """Returns the job `devices`, daily: removes what was not seen for 270 days (JOB-30)."""

    async def run(context: JobContext) -> JobCounts:
        before = context.clock.now() - domain.KEPT_UNSEEN

        async def batch() -> JobCounts:
            async with context.database.system() as uow:
                removed = await store.forget_unseen(uow, before, BATCH_ROWS)
            return JobCounts(seen=removed, done=removed)

        return await batches(context, batch)

    return Job("devices", timedelta(days=1), run, at=time(4, 30))


def _token(guard: Guard, kind: Kind, request: pb.RegisterDeviceRequest) -> Token:
    p256dh, auth = convert.keys(request)
    domain.check_keys(kind, p256dh, auth)
    if kind is not Kind.WEB_PUSH:
        return Token(domain.canonical_token(kind, request.token))
    try:
        guard.check_url(request.token)
    except UnsafeUrl as error:
        raise Refused("token", str(error), error.reason) from None
    try:
        point(p256dh)
    except ValueError:
        raise Refused("web_push_keys.p256dh", "must be a point of the curve P-256") from None
    return Token(request.token, p256dh, auth)


def _hashes(deps: Devices, uow: UnitOfWork, token: str) -> list[bytes]:
    """Returns a token's hash under the current key, then under earlier ones."""
    assert uow.tenant_id is not None  # noqa: S101 - a tenant's unit of work has one
    found = address_hash_candidates(deps.hash_keys, uow.tenant_id, "push", token)
    current = deps.hash_keys.current[0]
    return [found[current], *(digest for name, digest in found.items() if name != current)]
