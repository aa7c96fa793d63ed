"""Rich content as it is shown: its URLs checked, its pictures found, nothing left that could be markup."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final

WIDTH: Final = 600
HEIGHT: Final = 400


class Style(StrEnum):
    """How a button looks; the value is its colour (DEL-98)."""

    PRIMARY = "#007bff"
    SECONDARY = "#6c757d"
    DANGER = "#dc3545"


@dataclass(frozen=True, slots=True)
class Image:
    """A picture by its URL."""

    url: str
    alt: str = ""
    width: int = WIDTH
    height: int = HEIGHT


@dataclass(frozen=True, slots=True)
class Video:
    """A film behind its thumbnail."""

    url: str
    thumbnail: Image
    duration: timedelta | None = None

    @property
    def length(self) -> str:
        """Returns how long it is, as `m:ss`; empty when that is not told."""
        if self.duration is None:
            return ""
        minutes, seconds = divmod(int(self.duration.total_seconds()), 60)
        return f"{minutes}:{seconds:02}"


@dataclass(frozen=True, slots=True)
class Button:
    """A button."""

    text: str
    url: str
    style: Style = Style.PRIMARY


@dataclass(frozen=True, slots=True)
class Card:
    """A card."""

    title: str
    description: str = ""
    image: Image | None = None
    link_url: str = ""


@dataclass(frozen=True, slots=True)
class Content:
    """All of it, in the order in which it is shown."""

    images: tuple[Image, ...] = ()
    videos: tuple[Video, ...] = ()
    buttons: tuple[Button, ...] = ()
    cards: tuple[Card, ...] = ()
