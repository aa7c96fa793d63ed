"""What travels with messages beside their text: files and media, made ready for a provider (DEL-60)."""

from dataclasses import dataclass
from uuid import UUID

from angarium.delivery.v1 import message_service_pb2 as pb
from services.delivery import providers
from services.delivery.dispatch.loading import LoadedContent
from services.delivery.messages.media import Media


@dataclass(frozen=True, slots=True)
class Enclosures:
    """Files whole, and addresses a provider may fetch from."""

    files: tuple[providers.Attachment, ...] = ()
    media_urls: tuple[str, ...] = ()


NOTHING = Enclosures()


async def of(media: Media, tenant_id: UUID, content: LoadedContent) -> Enclosures:
    """Returns what travels with messages of a content; ServiceError when some of it cannot be had."""
    if not content.files and not content.media_urls:
        return NOTHING
    files = [await _file(media, tenant_id, file) for file in content.files]
    urls = await media.host.hosted(tenant_id, content.media_urls) if content.media_urls else ()
    return Enclosures(tuple(files), tuple(urls))


async def _file(media: Media, tenant_id: UUID, file: pb.Attachment) -> providers.Attachment:
    content = file.content or await media.assets.read(tenant_id, UUID(file.media_id))
    return providers.Attachment(file.filename, file.content_type, content, file.inline_id)
