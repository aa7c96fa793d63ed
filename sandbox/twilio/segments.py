"""Encoding and segments of a text as a carrier bills them."""

GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENDED = frozenset("^{}\\[~]|€\f")


def segments_of(text: str) -> int:
    """Returns how many segments a text takes; no character is cut in two."""
    if all(character in GSM or character in EXTENDED for character in text):
        return _packed([1 + (character in EXTENDED) for character in text], 160, 153)
    return _packed([1 + (ord(character) > 0xFFFF) for character in text], 70, 67)


def _packed(widths: list[int], single: int, part: int) -> int:
    if sum(widths) <= single:
        return 1
    count, used = 1, 0
    for width in widths:
        if used + width > part:
            count, used = count + 1, 0
        used += width
    return count
