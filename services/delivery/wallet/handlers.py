"""Use cases of passes: creating, changing, voiding, fetching; and the codes of tickets."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import NoReturn
from uuid import UUID

from angarium.delivery.v1 import wallet_service_pb2 as pb
from services.common import audit
from services.common.db.uow import UnitOfWork
from services.common.errors import already_exists, denied, invalid, not_found
from services.common.idempotency import keyed
from services.common.ids import uuid7
from services.common.jobs import BATCH_ROWS, Job, JobContext, JobCounts, batches
from services.common.masks import apply_mask
from services.common.rpc.context import Caller, tenant
from services.common.security.tokens import ExpiredToken, InvalidToken, Purpose
from services.delivery.wallet import apple, convert, google, offers, qr, sealing, store
from services.delivery.wallet.domain import Kind, Pass, State, ends
from services.delivery.wallet.wallets import LINK, OFFER_BYTES, RESOURCE, Wallets, note, unconfigured


async def create(
    deps: Wallets, tenant_id: UUID, request: pb.CreateWalletPassRequest
) -> pb.CreateWalletPassResponse:
    """Creates the pass of a ticket, or issues a voided one anew."""
    kind = Kind(request.kind)
    _require_issuer(deps, kind)
    shown = convert.fields(request.fields)

    async def effect(uow: UnitOfWork) -> pb.CreateWalletPassResponse:
        now, event_at = uow.now(), shown.event_at or uow.now()
        expires_at, download_expires_at = ends(event_at, now)
        if expires_at <= now:
            raise invalid("fields.event_time", "is over for more than a day")
        before = await store.lock_ticket(uow, request.ticket_ref, kind)
        if before is not None and before.state is State.ACTIVE:
            raise already_exists(RESOURCE, request.ticket_ref)
        made = Pass(
            pass_id=before.pass_id if before else uuid7(),
            contact_id=UUID(request.contact_id),
            ticket_ref=request.ticket_ref,
            kind=kind,
            fields=shown,
            state=State.ACTIVE,
            version=before.version + 1 if before else 1,
            issue=before.issue + 1 if before else 1,
            expires_at=expires_at,
            download_expires_at=download_expires_at,
            created_at=before.created_at if before else now,
            updated_at=now,
        )
        await store.put(uow, await sealing.sealed(uow, deps.envelope, deps.hash_keys, made))
        await note(uow, "create", made)
        return pb.CreateWalletPassResponse(wallet_pass=deps.shown(tenant_id, made))

    async with deps.database.tenant(tenant_id) as uow:
        uow.on_violation("uq_wallet_pass_ticket_ref", lambda: already_exists(RESOURCE, request.ticket_ref))
        return await keyed(
            uow, "WalletService.CreateWalletPass", request, pb.CreateWalletPassResponse, effect
        )


async def update(
    deps: Wallets, tenant_id: UUID, request: pb.UpdateWalletPassRequest
) -> pb.UpdateWalletPassResponse:
    """Changes what a pass shows."""
    paths = apply_mask(request.update_mask, convert.UPDATABLE)

    async def effect(uow: UnitOfWork) -> pb.UpdateWalletPassResponse:
        row = await store.get(uow, UUID(request.pass_id), for_update=True)
        before = await sealing.opened(uow, deps.envelope, row)
        if before is None or before.state is not State.ACTIVE:
            raise not_found(RESOURCE, request.pass_id)
        shown = convert.merged(before.fields, request.fields, paths)
        now = uow.now()
        expires_at, download_expires_at = ends(shown.event_at or now, now)
        after = replace(
            before,
            fields=shown,
            version=before.version + 1,
            expires_at=expires_at,
            download_expires_at=download_expires_at,
            updated_at=now,
        )
        await store.put(uow, await sealing.sealed(uow, deps.envelope, deps.hash_keys, after))
        await note(uow, "update", after)
        return pb.UpdateWalletPassResponse(wallet_pass=deps.shown(tenant_id, after))

    async with deps.database.tenant(tenant_id) as uow:
        return await keyed(
            uow, "WalletService.UpdateWalletPass", request, pb.UpdateWalletPassResponse, effect
        )


async def void(deps: Wallets, tenant_id: UUID, request: pb.VoidWalletPassRequest) -> int:
    """Voids the passes of a ticket and returns how many were good."""
    async with deps.database.tenant(tenant_id) as uow:
        voided = await store.void(uow, request.ticket_ref)
        for pass_id in voided:
            await audit.record(
                uow,
                action="wallet_pass.void",
                resource_type=RESOURCE,
                resource_id=pass_id,
                before={"state": "active"},
                after={"state": "voided", "reason": request.reason},
            )
    return len(voided)


async def get(deps: Wallets, caller: Caller, request: pb.GetWalletPassRequest) -> pb.GetWalletPassResponse:
    """Returns a pass by its id, or what a link leads to; links are opened by the gateway, for nobody else."""
    if request.WhichOneof("key") == "pass_id":
        return await by_id(deps, tenant(), UUID(request.pass_id))
    if caller.service != "gateway":
        raise denied("links are opened by the gateway")
    return await by_token(deps, request.download_token, request.preferred_kind)


async def by_id(deps: Wallets, tenant_id: UUID, pass_id: UUID) -> pb.GetWalletPassResponse:
    """Returns a pass of a tenant, with its file or link."""
    async with deps.database.tenant(tenant_id) as uow:
        found = await sealing.opened(uow, deps.envelope, await store.get(uow, pass_id))
    if found is None:
        raise not_found(RESOURCE, pass_id)
    return await _fetched(deps, tenant_id, [found])


async def by_token(deps: Wallets, token: str, preferred: int = 0) -> pb.GetWalletPassResponse:
    """Returns the pass of a link, or those of an offer.

    Raises:
        InvalidToken: It is no link, or one of an earlier holder.
        ExpiredToken: Its time is over.
    """
    said = deps.signer.verify(Purpose.PASS, token, deps.clock.now())
    if len(said.body) == OFFER_BYTES:
        offered = await offers.passes(deps, said.tenant_id, UUID(bytes=said.body), preferred)
        if not offered:
            raise InvalidToken
        return await _fetched(deps, said.tenant_id, offered)
    if len(said.body) != LINK.size:
        raise InvalidToken
    id, issue = LINK.unpack(said.body)
    async with deps.database.tenant(said.tenant_id) as uow:
        found = await sealing.opened(uow, deps.envelope, await store.get(uow, UUID(bytes=id)))
    if found is None or found.issue != issue or found.state is State.VOIDED:
        raise InvalidToken
    return await _fetched(deps, said.tenant_id, [found])


def ticket_code(
    deps: Wallets, tenant_id: UUID, request: pb.CreateTicketQrRequest
) -> pb.CreateTicketQrResponse:
    """Makes the code of a ticket."""
    url = request.validation_url
    if url and (not url.startswith("https://") or "#" in url or not url.isascii() or " " in url):
        raise invalid("validation_url", "must be an https URL without a fragment", "UNSAFE_URL")
    now = deps.clock.now()
    about = (deps.signer, tenant_id, request.ticket_ref, request.event_ref, url, now)
    if request.HasField("expire_time"):
        expires_at = request.expire_time.ToDatetime(tzinfo=UTC)
        if not now < expires_at <= now + qr.LONGEST:
            raise invalid("expire_time", "must be ahead, at most two years")
        code = qr.lasting(*about, expires_at)
    else:
        code = qr.rotating(*about)
    answer = pb.CreateTicketQrResponse(png=qr.picture(code.payload, request.scale), payload=code.payload)
    answer.expire_time.FromDatetime(code.expires_at)
    return answer


async def validate(deps: Wallets, tenant_id: UUID, payload: str) -> pb.ValidateTicketQrResponse:
    """Tells whether a code lets its ticket pass."""
    reason = ""
    try:
        ticket = qr.read(deps.signer, payload, deps.clock.now(), tenant_id)
    except InvalidToken:
        return pb.ValidateTicketQrResponse(reason="invalid")
    except ExpiredToken as error:
        ticket, reason = qr.ticket_of(error.payload), "expired"
    async with deps.database.tenant(tenant_id) as uow:
        passes = await store.of_ticket(uow, ticket.ticket_ref)
    if passes and all(one.state is State.VOIDED for one in passes):
        reason = "voided"
    return pb.ValidateTicketQrResponse(
        is_valid=not reason, reason=reason, ticket_ref=ticket.ticket_ref, event_ref=ticket.event_ref
    )


def expiring_job() -> Job:
    """Returns the job `passes`, daily: expires passes a day after their event (JOB-30)."""

    async def run(context: JobContext) -> JobCounts:
        now = context.clock.now()

        async def batch() -> JobCounts:
            async with context.database.system() as uow:
                expired = await store.expire(uow, now, BATCH_ROWS)
            return JobCounts(seen=expired, done=expired)

        return await batches(context, batch)

    return Job("passes", timedelta(days=1), run, at=time(4, 45))


async def _fetched(deps: Wallets, tenant_id: UUID, passes: Sequence[Pass]) -> pb.GetWalletPassResponse:
    """Returns passes of one wallet with their file or link."""
    tenant, first = await deps.tenants.tenant(tenant_id), passes[0]
    answer = pb.GetWalletPassResponse(wallet_pass=deps.shown(tenant_id, first), pass_count=len(passes))
    # Of its last change, so that the same version of a pass is the same file.
    coded = [(one, one.fields.barcode or _code(deps, tenant_id, one, one.updated_at)) for one in passes]
    if first.kind is Kind.APPLE:
        issuer = deps.apple or _missing("apple")
        answer.apple_file = apple.bundle([apple.archive(issuer, one, tenant, code) for one, code in coded])
    else:
        answer.google_save_url = google.save_url(deps.google or _missing("google"), coded, tenant)
    return answer


def _code(deps: Wallets, tenant_id: UUID, one: Pass, since: datetime) -> str:
    return qr.lasting(
        deps.signer, tenant_id, one.ticket_ref, one.fields.event_ref, "", since, one.expires_at
    ).payload


def _require_issuer(deps: Wallets, kind: Kind) -> None:
    if (deps.apple if kind is Kind.APPLE else deps.google) is None:
        raise unconfigured(kind.name.lower())


def _missing(wallet: str) -> NoReturn:
    raise unconfigured(wallet)
