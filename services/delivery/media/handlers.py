"""Use cases of assets: storing, listing, removing, reading by token, and rendering what shows them."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from uuid import UUID

from angarium.delivery.v1 import media_service_pb2 as pb
from services.common import audit
from services.common.db.database import Database
from services.common.errors import invalid, not_found
from services.common.net.guard import Guard
from services.common.paging import cut, page_size, position
from services.common.security.tokens import ExpiredToken, InvalidToken
from services.delivery.media import convert, store
from services.delivery.media.assets import Assets
from services.delivery.media.files import LARGEST, MEGABYTE, Kind
from services.delivery.media.rich import amp, html, text
from services.delivery.media.store import Asset

_RESOURCE = "media"

# Whether an e-mail account of the tenant that sends from this address is registered for AMP.
_REGISTERED = """
SELECT EXISTS (SELECT FROM provider_account
    WHERE tenant_id = %s AND channel = 1 AND is_enabled AND deleted_at IS NULL
      AND config ->> 'amp_registered' = 'true' AND lower(config ->> 'from_address') = %s)
"""


@dataclass(frozen=True, slots=True)
class MediaCases:
    """What these use cases need."""

    database: Database
    assets: Assets
    guard: Guard

    def shown(self, tenant_id: UUID, asset: Asset) -> pb.MediaAsset:
        """Returns an asset as the contract has it."""
        return convert.asset(asset, self.assets.url(tenant_id, asset))


async def upload(
    deps: MediaCases, tenant_id: UUID, requests: AsyncIterator[pb.UploadMediaRequest]
) -> pb.UploadMediaResponse:
    """Stores the file that a stream brings, or that its facts name."""
    first = await anext(requests, None)
    if first is None or first.WhichOneof("part") != "facts":
        raise invalid("facts", "come first")
    facts, kind = first.facts, Kind(first.facts.kind)
    if kind is Kind.IMAGE and not facts.alt.strip():
        raise invalid("facts.alt", "is needed: what does the picture show those who cannot see it?")
    data = await _bytes(requests, kind)
    if facts.source_url and data:
        raise invalid("chunk", "must not follow a source_url")
    if facts.source_url:
        field = "facts.source_url"
        asset = await deps.assets.fetched(tenant_id, facts.source_url, kind=kind, alt=facts.alt, field=field)
        return pb.UploadMediaResponse(media=deps.shown(tenant_id, asset))
    if not data:
        raise invalid("chunk", "is needed: the bytes of the file follow its facts")
    asset, was_known = await deps.assets.add(tenant_id, kind, data, facts.alt)
    return pb.UploadMediaResponse(media=deps.shown(tenant_id, asset), was_known=was_known)


async def get(deps: MediaCases, tenant_id: UUID, media_id: UUID) -> pb.MediaAsset:
    """Returns an asset; NOT_FOUND when there is none."""
    async with deps.database.tenant(tenant_id) as uow:
        found = await store.get(uow, [media_id])
    if media_id not in found:
        raise not_found(_RESOURCE, media_id)
    return deps.shown(tenant_id, found[media_id])


async def page(deps: MediaCases, tenant_id: UUID, request: pb.ListMediaRequest) -> pb.ListMediaResponse:
    """Returns a page of assets."""
    size = page_size(request.page_size)
    async with deps.database.tenant(tenant_id) as uow:
        found = await store.page(uow, int(request.kind), position(request, request.page_token), size + 1)
    page, token = cut(request, found, size, lambda one: one.media_id)
    return pb.ListMediaResponse(media=[deps.shown(tenant_id, one) for one in page], next_page_token=token)


async def remove(deps: MediaCases, tenant_id: UUID, media_id: UUID) -> bool:
    """Removes an asset; returns whether it was there."""
    async with deps.database.tenant(tenant_id) as uow:
        removed = await store.remove(uow, media_id)
        if removed:
            await audit.record(
                uow,
                action="media.delete",
                resource_type=_RESOURCE,
                resource_id=media_id,
                before={"media_id": str(media_id)},
                after=None,
            )
    return removed


async def opened(deps: MediaCases, token: str) -> AsyncIterator[pb.ReadMediaResponse]:
    """Yields what a URL's token names, a megabyte at a time; NOT_FOUND for a token that names nothing, or no more."""
    try:
        content_type, checksum, content = await deps.assets.opened(token)
    except (InvalidToken, ExpiredToken):
        # Whoever asks is told no more than that there is nothing here.
        raise not_found(_RESOURCE, "token") from None
    yield pb.ReadMediaResponse(
        content_type=content_type, size_bytes=len(content), checksum=checksum, chunk=content[:MEGABYTE]
    )
    for start in range(MEGABYTE, len(content), MEGABYTE):
        yield pb.ReadMediaResponse(chunk=content[start : start + MEGABYTE])


async def render(
    deps: MediaCases, tenant_id: UUID, request: pb.RenderRichContentRequest
) -> pb.RenderRichContentResponse:
    """Returns rich content as html, text and, for a registered sender, AMP."""
    if request.amp_enabled and not request.amp_sender:
        raise invalid("amp_sender", "is needed: AMP is shown of registered senders only")
    wanted = convert.media_ids(request.content)
    async with deps.database.tenant(tenant_id) as uow:
        known = await store.get(uow, wanted)
        registered = request.amp_enabled and await uow.fetch_value(
            _REGISTERED, (tenant_id, request.amp_sender.lower())
        )

    def of_asset(media_id: UUID) -> tuple[str, str]:
        if media_id not in known:
            raise not_found(_RESOURCE, media_id)
        return deps.assets.url(tenant_id, known[media_id]), known[media_id].alt

    content = convert.content(request.content, deps.guard, of_asset)
    answer = pb.RenderRichContentResponse(html=html.render(content), text=text.render(content))
    if registered:
        try:
            answer.amp = amp.render(content, request.language_code or "en")
        except amp.TooLargeError as error:
            raise invalid("content", str(error)) from None
    return answer


async def _bytes(requests: AsyncIterator[pb.UploadMediaRequest], kind: Kind) -> bytes:
    data = bytearray()
    async for request in requests:
        if request.WhichOneof("part") != "chunk":
            raise invalid("facts", "come once")
        data += request.chunk
        if len(data) > LARGEST[kind]:
            raise invalid("chunk", f"makes the file larger than {LARGEST[kind] // MEGABYTE} MB")
    return bytes(data)
