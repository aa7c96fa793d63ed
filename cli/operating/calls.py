"""Calling delivery as an operator, and its answers as words and plain values."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any
from uuid import UUID

from cli.output import usage
from cli.state_folder import StateFolder

if TYPE_CHECKING:
    from google.protobuf.duration_pb2 import Duration

LANES = {"critical": 1, "high": 2, "normal": 3, "low": 4}
CHANNELS = {"email": 1, "sms": 2, "whatsapp": 3, "push": 4}


@asynccontextmanager
async def stub(folder: StateFolder, of: Any, tenant_id: UUID | None = None) -> AsyncIterator[Any]:
    """Yields a stub of delivery whose calls an administrator of the platform makes."""
    from cli.client import PersonChannels, client_settings

    async with PersonChannels(client_settings(folder), tenant_id=tenant_id) as channels:
        yield channels.stub(of, "delivery")


def number_of(option: str, text: str, known: dict[str, int]) -> int:
    """Returns the number of a word; a word that is none ends the command."""
    found = known.get(text.lower())
    if found is None:
        usage(f"{option} {text!r} is unknown.", f"Take one of: {', '.join(known)}")
    return found


def word_of(number: int, known: dict[str, int]) -> str:
    """Returns the word for a number."""
    return next((word for word, one in known.items() if one == number), str(number))


def seconds(found: "Duration") -> float:
    """Returns a duration in seconds."""
    return round(found.ToTimedelta().total_seconds(), 1)


def period(value: float) -> str:
    """Returns a length of time as people say it."""
    for size, unit in ((86_400, "d"), (3600, "h"), (60, "min")):
        if value >= size and value % size == 0:
            return f"{int(value // size)} {unit}"
    return f"{value:g} s"
