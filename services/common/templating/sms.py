"""How many segments a text message takes (CAM-93)."""

from dataclasses import dataclass
from typing import Final

GSM_BASIC: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM_EXTENDED: Final = frozenset("^{}\\[~]|€\f")
SINGLE_GSM, PART_GSM = 160, 153
SINGLE_UCS2, PART_UCS2 = 70, 67


@dataclass(frozen=True, slots=True)
class SmsCount:
    """Characters as a person counts them, units as the network does, and the parts it takes."""

    characters: int
    encoding: str
    units: int
    segments: int


def count_sms(text: str) -> SmsCount:
    """Counts a text; an empty one still takes one segment, and no character is cut in two."""
    if all(character in GSM_BASIC or character in GSM_EXTENDED for character in text):
        widths = [2 if character in GSM_EXTENDED else 1 for character in text]
        return SmsCount(len(text), "GSM-7", sum(widths), _segments(widths, SINGLE_GSM, PART_GSM))
    widths = [2 if ord(character) > 0xFFFF else 1 for character in text]
    return SmsCount(len(text), "UCS-2", sum(widths), _segments(widths, SINGLE_UCS2, PART_UCS2))


def _segments(widths: list[int], single: int, part: int) -> int:
    if sum(widths) <= single:
        return 1
    segments, used = 1, 0
    for width in widths:
        if used + width > part:
            segments, used = segments + 1, 0
        used += width
    return segments
