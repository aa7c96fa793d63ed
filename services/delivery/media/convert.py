"""Assets and rich content between the contract and the domain."""

from collections.abc import Callable, Iterator
from typing import Final
from uuid import UUID

from angarium.delivery.v1 import media_service_pb2 as pb
from services.common.errors import Violation, invalid_many
from services.common.net.guard import Guard, UnsafeUrl
from services.delivery.enums import wire
from services.delivery.media.rich.parts import HEIGHT, WIDTH, Button, Card, Content, Image, Style, Video
from services.delivery.media.store import Asset

_STYLES: Final = {
    pb.RichButton.STYLE_PRIMARY: Style.PRIMARY,
    pb.RichButton.STYLE_SECONDARY: Style.SECONDARY,
    pb.RichButton.STYLE_DANGER: Style.DANGER,
}


def asset(one: Asset, url: str) -> pb.MediaAsset:
    """Returns an asset as the contract has it."""
    found = pb.MediaAsset(
        media_id=str(one.media_id),
        kind=wire(one.kind),
        content_type=one.content_type,
        size_bytes=one.size,
        width=one.width,
        height=one.height,
        alt=one.alt,
        source_url=one.source_url,
        checksum=one.checksum,
        url=url,
    )
    found.create_time.FromDatetime(one.created_at)
    return found


def media_ids(given: pb.RichContent) -> list[UUID]:
    """Returns the assets that rich content shows."""
    return [UUID(one.media_id) for _, one in _images(given) if one.media_id]


def content(given: pb.RichContent, guard: Guard, of_asset: Callable[[UUID], tuple[str, str]]) -> Content:
    """Returns rich content ready to be shown.

    Args:
        given: As it was written.
        guard: Judges its URLs.
        of_asset: Gives URL and description of an asset that is known.

    Raises:
        ServiceError: UNSAFE_URL, naming every URL that may not stand in a message.
    """
    wrong: list[Violation] = []

    def checked(field: str, url: str) -> str:
        try:
            return str(guard.check_url(url))
        except UnsafeUrl as error:
            wrong.append(Violation(field, str(error)))
            return ""

    def image(field: str, one: pb.RichImage) -> Image:
        if one.media_id:
            url, alt = of_asset(UUID(one.media_id))
        else:
            url, alt = checked(f"{field}.url", one.url), ""
        return Image(url, one.alt or alt, one.width or WIDTH, one.height or HEIGHT)

    found = Content(
        images=tuple(image(f"content.images[{at}]", one) for at, one in enumerate(given.images)),
        videos=tuple(
            Video(
                checked(f"content.videos[{at}].url", one.url),
                image(f"content.videos[{at}].thumbnail", one.thumbnail),
                one.duration.ToTimedelta() if one.HasField("duration") else None,
            )
            for at, one in enumerate(given.videos)
        ),
        buttons=tuple(
            Button(
                one.text,
                checked(f"content.buttons[{at}].url", one.url),
                _STYLES.get(one.style, Style.PRIMARY),
            )
            for at, one in enumerate(given.buttons)
        ),
        cards=tuple(
            Card(
                one.title,
                one.description,
                image(f"content.cards[{at}].image", one.image) if one.HasField("image") else None,
                checked(f"content.cards[{at}].link_url", one.link_url) if one.link_url else "",
            )
            for at, one in enumerate(given.cards)
        ),
    )
    if wrong:
        raise invalid_many(wrong, "UNSAFE_URL")
    return found


def _images(given: pb.RichContent) -> Iterator[tuple[str, pb.RichImage]]:
    yield from ((f"content.images[{at}]", one) for at, one in enumerate(given.images))
    yield from ((f"content.videos[{at}].thumbnail", one.thumbnail) for at, one in enumerate(given.videos))
    yield from (
        (f"content.cards[{at}].image", one.image)
        for at, one in enumerate(given.cards)
        if one.HasField("image")
    )
