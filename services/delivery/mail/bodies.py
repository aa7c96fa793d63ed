"""Bodies of e-mail parts: constants are encoded once per template version, slots once per message.

Latin texts travel as quoted-printable, in which a slot begins and ends on lines of its own (a soft line break before and
after it), so that pieces are simply joined. Texts mostly beyond ASCII travel as base64 of the whole part: it is a third
of the size, and quoted-printable would not be readable either.
"""

from binascii import b2a_base64, b2a_qp
from collections.abc import Callable, Sequence
from typing import Final, TypeAlias

from services.common.templating import CompiledPart

SOFT: Final = b"=\r\n"
SHORT: Final = 72
LINE: Final = 76
BASE64_SHARE: Final = 1 / 6

Encoded: TypeAlias = "list[bytes | None]"


def line_ends(text: str) -> str:
    """The text with the line ends of mail."""
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\r\n")


def quoted(text: str) -> bytes:
    """Quoted-printable of one slot, to stand between soft line breaks."""
    if "=" not in text and text.isascii() and text.isprintable():
        plainly = text.encode()
        if len(plainly) <= SHORT:
            return plainly
        # Addresses of links, mostly: only their length is in the way.
        return SOFT.join([plainly[start : start + LINE - 1] for start in range(0, len(plainly), LINE - 1)])
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    encoded = b2a_qp(plain.encode("utf-8", "replace"), istext=True).replace(b"\n", b"\r\n")
    start = encoded.rfind(b"\n") + 1
    if len(encoded) - start > LINE - 1:  # the soft break that follows would make the last line too long
        cut = len(encoded) - 6
        while b"=" in encoded[cut - 2 : cut]:
            cut -= 1
        encoded = encoded[:cut] + SOFT + encoded[cut:]
    return encoded


def base64_lines(content: bytes) -> bytes:
    """Base64 in lines of 76 characters."""
    encoded = b2a_base64(content, newline=False)
    return b"\r\n".join([encoded[start : start + LINE] for start in range(0, len(encoded), LINE)])


class BodyForm:
    """One part of a content, ready to be filled."""

    def __init__(self, part: CompiledPart) -> None:
        self.part = part
        constant = "".join(part.constants)
        beyond = sum(len(character.encode()) for character in constant if character > "\x7f")
        self.is_base64 = beyond > BASE64_SHARE * max(len(constant), 1)
        self.encoding = b"base64" if self.is_base64 else b"quoted-printable"
        self.fill: Callable[[Sequence[str], Encoded], bytes] = (
            self._base64 if self.is_base64 else self._quoted()
        )

    def _base64(self, slots: Sequence[str], encoded: Encoded) -> bytes:  # noqa: ARG002 - one shape for both forms
        return base64_lines(line_ends(self.part.join(slots)).encode("utf-8", "replace"))

    def _quoted(self) -> Callable[[Sequence[str], Encoded], bytes]:
        constants = [quoted(constant) for constant in self.part.constants]
        numbers = self.part.numbers
        pieces: list[bytes] = [b""] * (2 * len(numbers) + 1)
        for position, constant in enumerate(constants):
            before = SOFT if position > 0 else b""
            after = SOFT if position < len(numbers) and not constant.endswith(b"\r\n") else b""
            pieces[2 * position] = before + constant + (after if constant or before else b"")
        # A constant between two slots that is empty still needs one soft break, and no more.
        for position in range(1, len(numbers)):
            if not constants[position]:
                pieces[2 * position] = SOFT
        places = tuple((2 * position + 1, number) for position, number in enumerate(numbers))

        def fill(slots: Sequence[str], encoded: Encoded) -> bytes:
            joined = pieces.copy()
            for place, number in places:
                value = encoded[number]
                if value is None:
                    value = encoded[number] = quoted(slots[number])
                joined[place] = value
            return b"".join(joined)

        return fill
