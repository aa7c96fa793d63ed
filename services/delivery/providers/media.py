"""Files that go with a text, by their URLs: what kind of message each makes (DEL-60)."""

from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import Final
from urllib.parse import urlsplit

from services.delivery.providers.base import Code, Outcome, Outgoing, Result

KINDS: Final = {
    ".jpg": "image",
    ".jpeg": "image",
    ".png": "image",
    ".mp4": "video",
    ".3gp": "video",
}
OTHER: Final = "document"


def kind_of(url: str) -> str:
    """The kind of a file by its name: a document unless picture or film, so that each can bear the text beside it."""
    return KINDS.get(PurePosixPath(urlsplit(url).path).suffix.lower(), OTHER)


def name_of(url: str) -> str:
    """The name a document is shown with."""
    return PurePosixPath(urlsplit(url).path).name or "file"


def refusal_of_media(one: Outgoing, media_urls: Sequence[str], most: int) -> Outcome | None:
    """The outcome of a message with more files than its provider takes; None when it may leave."""
    if len(media_urls) <= most:
        return None
    reason = f"takes {most} file a message" if most else "takes no files"
    return Outcome(one.message_id, Result.PERMANENT, Code.REQUEST_REFUSED, f"the provider {reason}")
