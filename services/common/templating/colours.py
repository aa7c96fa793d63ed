"""Which of black and white can be read on a colour."""

import re
from typing import Final

DARK, LIGHT = "#000000", "#ffffff"
READABLE: Final = 4.5
"""The contrast that small text needs (WCAG 2, AA)."""
_COLOUR: Final = re.compile(r"#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})", re.IGNORECASE)


def readable_on(colour: str) -> str:
    """Returns the colour of words on a `#rrggbb`: white where it can be read, else black."""
    return LIGHT if contrast(colour, LIGHT) >= READABLE else DARK


def contrast(one: str, other: str) -> float:
    """Returns the contrast of two colours, 1 to 21; what is no colour counts as black."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    found = _COLOUR.fullmatch(colour)
    red, green, blue = (_linear(int(part, 16) / 255) for part in found.groups()) if found else (0.0, 0.0, 0.0)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.03928 else float(((part + 0.055) / 1.055) ** 2.4)
