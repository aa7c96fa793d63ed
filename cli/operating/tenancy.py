"""Calling campaign about tenants, settings, branches, budgets and staff, and what is shown of them."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any
from uuid import UUID

from cli.output import usage
from cli.state_folder import StateFolder

if TYPE_CHECKING:
    from google.type.money_pb2 import Money

CHANNELS = {"email": 1, "sms": 2, "whatsapp": 3, "push": 4, "in_app": 5, "webhook": 6}
STATES = {1: "active", 2: "suspended", 3: "closed"}
LEVELS = {0: "", 1: "threshold", 2: "exhausted"}
_MONEY = re.compile(r"(-?\d{1,12}(?:\.\d{1,6})?) ([A-Z]{3})")
_WORDS = {"yes": True, "true": True, "on": True, "no": False, "false": False, "off": False}


@asynccontextmanager
async def administrator(folder: StateFolder, of: Any) -> AsyncIterator[Any]:
    """Yields a stub of campaign whose calls an administrator of the platform makes."""
    from cli.client import PersonChannels, client_settings

    async with PersonChannels(client_settings(folder)) as channels:
        yield channels.stub(of, "campaign")


@asynccontextmanager
async def owner(folder: StateFolder, of: Any, tenant_id: UUID | None) -> AsyncIterator[Any]:
    """Yields a stub of campaign whose calls an owner of a tenant makes."""
    from cli.client import PersonChannels, client_settings
    from services.common.security.permissions import SUPER_OWNER

    async with PersonChannels(client_settings(folder), tenant_id=tenant_id, role=SUPER_OWNER) as channels:
        yield channels.stub(of, "campaign")


def new_key() -> str:
    """Returns a key that makes the repeats of one call safe."""
    from services.common.ids import uuid7

    return str(uuid7())


def amount(money: "Money") -> str:
    """Returns an amount as people and `settings set` spell it."""
    from services.common.money import Money, exponent

    found = Money.from_proto(money)
    places = max(exponent(found.currency), -int(found.amount.normalize().as_tuple().exponent))
    return f"{found.amount:.{places}f} {found.currency}"


def money(option: str, text: str) -> "Money":
    """Returns an amount such as `500.00 EUR`; another text ends the command."""
    from decimal import Decimal

    from services.common.money import Money

    match = _MONEY.fullmatch(text)
    if match is None:
        usage(f"{option} {text!r} is no amount.", "Spell it with its currency, for example: '500 EUR'")
    return Money(match[2], Decimal(match[1])).to_proto()


def shown(message: Any, names: list[str]) -> dict[str, Any]:
    """Returns fields of a message as plain values, in the spelling that `value_of` reads."""
    fields = message.DESCRIPTOR.fields_by_name
    return {name: _plain(message, fields[name]) for name in names}


def value_of(field: Any, text: str) -> Any:
    """Returns the value of a field from a word; None clears it. A word that is none ends the command."""
    name = field.name
    if field.message_type is not None:
        return None if text in ("", "none") else money(name, text)
    if field.is_repeated:
        words = [word for word in re.split(r"[,\s]+", text) if word and word != "none"]
        return [_channel(name, word) for word in words] if field.enum_type is not None else words
    if field.cpp_type == field.CPPTYPE_BOOL:
        found = _WORDS.get(text.lower())
        return usage(f"{name} {text!r} is neither yes nor no.") if found is None else found
    if field.cpp_type == field.CPPTYPE_INT32:
        return int(text) if re.fullmatch(r"\d{1,9}", text) else usage(f"{name} {text!r} is no number.")
    return text


def _channel(name: str, word: str) -> int:
    found = CHANNELS.get(word.lower())
    if found is None:
        usage(f"{name}: {word!r} is no channel.", f"Take some of: {', '.join(CHANNELS)} – or none")
    return found


def _plain(message: Any, field: Any) -> Any:
    value = getattr(message, field.name)
    if field.message_type is not None:
        return amount(value) if message.HasField(field.name) else None
    if field.is_repeated and field.enum_type is not None:
        return [next((word for word, number in CHANNELS.items() if number == one), str(one)) for one in value]
    return list(value) if field.is_repeated else value
