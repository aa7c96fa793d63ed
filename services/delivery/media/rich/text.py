"""Rich content as text: what it says, and where it leads."""

from services.delivery.media.rich.parts import Card, Content, Video


def render(content: Content) -> str:
    """Returns the text; pictures without words are left out."""
    return "\n\n".join(
        [
            *(f"[{one.alt}]" for one in content.images if one.alt),
            *(_video(one) for one in content.videos),
            *(f"{one.text}: {one.url}" for one in content.buttons),
            *(_card(one) for one in content.cards),
        ]
    )


def _video(one: Video) -> str:
    name = one.thumbnail.alt or "Video"
    return f"{name} ({one.length}): {one.url}" if one.length else f"{name}: {one.url}"


def _card(one: Card) -> str:
    return "\n".join(filter(None, (one.title, one.description, one.link_url)))
