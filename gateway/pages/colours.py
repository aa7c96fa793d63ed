"""Colours of tenants, made readable: what is not has its lightness moved until it is (WCAG 2, 4.5 to 1)."""

import colorsys
import re
from dataclasses import dataclass
from functools import lru_cache

DEFAULT = "#2457c5"
LIGHT_PAPER = "#ffffff"
DARK_PAPER = "#1b1f26"
ENOUGH = 4.5
_COLOUR = re.compile(r"^#[0-9a-fA-F]{6}$")
_STEP = 0.01


@dataclass(frozen=True, slots=True)
class Accent:
    """A tenant's colour as the pages use it."""

    fill: str
    """Ground of buttons: the colour itself."""
    ink: str
    """What is written on it."""
    on_light: str
    """The colour as text on light paper."""
    on_dark: str
    """The colour as text on dark paper."""


@lru_cache(maxsize=1024)
def accent(colour: str) -> Accent:
    """Returns what a colour comes to; that of the platform when it is none."""
    fill = colour.lower() if _COLOUR.match(colour) else DEFAULT
    ink = "#ffffff" if contrast(fill, "#ffffff") >= ENOUGH else "#000000"
    return Accent(fill, ink, _readable(fill, LIGHT_PAPER, -_STEP), _readable(fill, DARK_PAPER, _STEP))


def contrast(one: str, other: str) -> float:
    """Returns how well two colours are told apart, 1 to 21."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _readable(colour: str, paper: str, step: float) -> str:
    hue, lightness, saturation = colorsys.rgb_to_hls(*_parts(colour))
    while contrast(colour, paper) < ENOUGH:
        lightness = min(max(lightness + step, 0.0), 1.0)
        parts = colorsys.hls_to_rgb(hue, lightness, saturation)
        colour = "#" + "".join(f"{round(part * 255):02x}" for part in parts)
    return colour


def _parts(colour: str) -> tuple[float, float, float]:
    red, green, blue = bytes.fromhex(colour[1:])
    return red / 255, green / 255, blue / 255


def _luminance(colour: str) -> float:
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in _parts(colour)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
