"""What kind of file bytes are, and pictures made anew: what they show stays, what they tell besides goes (DEL-98)."""

import hashlib
import io
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Final

from PIL import Image, ImageOps, ImageSequence

MEGABYTE: Final = 1024 * 1024
MOST_PIXELS: Final = 40_000_000
MOST_FRAMES: Final = 300

_QUALITY: Final = 88
_FTYP: Final = slice(4, 8)
_BRAND: Final = slice(8, 12)


class Kind(IntEnum):
    """Kinds of assets; the numbers are the contract's."""

    IMAGE = 1
    VIDEO = 2
    DOCUMENT = 3


LARGEST: Final = {Kind.IMAGE: 5 * MEGABYTE, Kind.VIDEO: 16 * MEGABYTE, Kind.DOCUMENT: 16 * MEGABYTE}

EXTENSIONS: Final = {
    "image/png": ".png",
    "image/jpeg": ".jpg",
    "image/gif": ".gif",
    "image/webp": ".webp",
    "video/mp4": ".mp4",
    "video/3gpp": ".3gp",
    "application/pdf": ".pdf",
}

_PICTURES: Final = {"PNG": "image/png", "JPEG": "image/jpeg", "GIF": "image/gif", "WEBP": "image/webp"}


class UnusableFileError(ValueError):
    """A file that cannot be an asset; the text says why."""


@dataclass(frozen=True, slots=True)
class File:
    """A file as it is stored."""

    kind: Kind
    content_type: str
    content: bytes
    width: int = 0
    height: int = 0

    @property
    def checksum(self) -> bytes:
        """Returns the SHA-256 of the content."""
        return hashlib.sha256(self.content).digest()


def kind_of(data: bytes) -> Kind | None:
    """Returns what bytes begin like; None for anything that is no asset."""
    if data.startswith((b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a")):
        return Kind.IMAGE
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return Kind.IMAGE
    if data[_FTYP] == b"ftyp":
        return Kind.VIDEO
    return Kind.DOCUMENT if data.startswith(b"%PDF-") else None


def usable(kind: Kind, data: bytes) -> File:
    """Returns a file ready to be stored; reading a picture takes a while, so call it in a thread.

    Raises:
        UnusableFileError: It is of another kind, too large, or cannot be read.
    """
    if len(data) > LARGEST[kind]:
        raise UnusableFileError(f"is larger than {LARGEST[kind] // MEGABYTE} MB")
    found = kind_of(data)
    if found is not kind:
        raise UnusableFileError(f"is no {kind.name.lower()} of a kind that is taken")
    if kind is Kind.DOCUMENT:
        return File(kind, "application/pdf", data)
    if kind is Kind.VIDEO:
        return File(kind, "video/3gpp" if data[_BRAND].startswith(b"3g") else "video/mp4", data)
    return _picture(data)


def _picture(data: bytes) -> File:
    try:
        with Image.open(io.BytesIO(data), formats=tuple(_PICTURES)) as image:
            if image.width * image.height > MOST_PIXELS:
                raise UnusableFileError(f"has more than {MOST_PIXELS // 1_000_000} million points")
            name = image.format or ""
            frames = _frames(image) if getattr(image, "is_animated", False) else []
            content = _animation(name, image, frames) if frames else _still(name, image)
            width, height = frames[0].size if frames else _turned(image).size
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        if isinstance(error, UnusableFileError):
            raise
        raise UnusableFileError("cannot be read as a picture") from None
    if len(content) > LARGEST[Kind.IMAGE]:
        raise UnusableFileError("is larger than 5 MB once it is written anew")
    return File(Kind.IMAGE, _PICTURES[name], content, width, height)


def _turned(image: Image.Image) -> Image.Image:
    """Returns a picture the way round it is meant to be seen, which its metadata said."""
    return ImageOps.exif_transpose(image)


def _still(name: str, image: Image.Image) -> bytes:
    out = io.BytesIO()
    options: dict[str, Any] = {"quality": _QUALITY} if name in ("JPEG", "WEBP") else {}
    shown = _turned(image)
    # Nothing is carried over but points, palette and transparency.
    clean = Image.new(shown.mode, shown.size)
    clean.paste(shown)
    if shown.mode == "P":
        clean.putpalette(shown.getpalette() or [])
        if "transparency" in shown.info:
            options["transparency"] = shown.info["transparency"]
    clean.save(out, name, **options)
    return out.getvalue()


def _frames(image: Image.Image) -> list[Image.Image]:
    if getattr(image, "n_frames", 1) > MOST_FRAMES:
        raise UnusableFileError(f"has more than {MOST_FRAMES} pictures")
    return [frame.convert("RGBA") for frame in ImageSequence.Iterator(image)]


def _animation(name: str, image: Image.Image, frames: list[Image.Image]) -> bytes:
    out = io.BytesIO()
    durations = [int(frame.info.get("duration", 100)) or 100 for frame in ImageSequence.Iterator(image)]
    frames[0].save(
        out,
        name,
        save_all=True,
        append_images=frames[1:],
        duration=durations,
        loop=int(image.info.get("loop", 0)),
        disposal=2,
    )
    return out.getvalue()
