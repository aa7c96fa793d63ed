"""Header lines of e-mail: names and subjects of people, encoded so that nothing can break out of a line."""

import re
import time
from binascii import b2a_base64
from functools import lru_cache
from typing import Final

ATOMS: Final = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]+\Z")
CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
ADDRESS: Final = re.compile(r"[^\s<>()\[\],;:\\\"\x00-\x1f\x7f]+@[^\s<>()\[\],;:\\\"@\x00-\x1f\x7f]+\Z")
ENCODED_BYTES: Final = 42  # bytes of one encoded word: with its frame it stays below 75 characters
PLAIN_LENGTH: Final = 200
DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class HeaderError(ValueError):
    """A value that cannot stand in a header."""


def wire_address(address: str) -> str:
    """An address for envelope and headers: domain in ASCII; HeaderError when it is not one address."""
    if len(address) > 254 or not ADDRESS.match(address):
        raise HeaderError("not an address")
    if address.isascii():
        return address
    local, _, domain = address.rpartition("@")
    try:
        return f"{local}@{domain.encode('idna').decode()}"
    except UnicodeError:
        raise HeaderError("not a domain") from None


def mailbox(name: str, address: str) -> bytes:
    """`Name <address>` with the name as atoms, quoted string or encoded words."""
    plain = wire_address(address).encode()
    name = CONTROL.sub(" ", name).strip()
    if not name:
        return plain
    if ATOMS.match(name) and len(name) <= PLAIN_LENGTH and "=?" not in name:
        return name.encode() + b" <" + plain + b">"
    if name.isascii() and len(name) <= PLAIN_LENGTH:
        quoted = name.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{quoted}" <'.encode() + plain + b">"
    return encoded_words(name) + b"\r\n <" + plain + b">"


def unstructured(text: str) -> bytes:
    """A subject or other free text; HeaderError when it holds a line break."""
    if text.isascii() and text.isprintable() and len(text) <= PLAIN_LENGTH and "=?" not in text:
        return text.encode()
    if "\n" in text or "\r" in text:
        raise HeaderError("a header is one line")
    return encoded_words(CONTROL.sub(" ", text))


def encoded_words(text: str) -> bytes:
    """RFC 2047 words, folded, never cut inside a character."""
    words: list[bytes] = []
    held = b""
    for character in text:
        piece = character.encode("utf-8", "replace")
        if len(held) + len(piece) > ENCODED_BYTES:
            words.append(held)
            held = b""
        held += piece
    words.append(held)
    return b"\r\n ".join(b"=?utf-8?B?" + b2a_base64(word, newline=False) + b"?=" for word in words)


def token(text: str) -> bytes:
    """A machine's value (ids, URLs): visible ASCII without spaces, or HeaderError."""
    if text.isascii() and text.isprintable() and " " not in text:
        return text.encode()
    raise HeaderError("not a token")


@lru_cache(8)
def date_of(second: int) -> bytes:
    """The Date header's value for an epoch second, in UTC."""
    moment = time.gmtime(second)
    return (
        f"{DAYS[moment.tm_wday]}, {moment.tm_mday:02d} {MONTHS[moment.tm_mon - 1]} {moment.tm_year}"
        f" {moment.tm_hour:02d}:{moment.tm_min:02d}:{moment.tm_sec:02d} +0000"
    ).encode()
