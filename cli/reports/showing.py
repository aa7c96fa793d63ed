"""Answers of analytics as people and programs read them."""

from collections.abc import Sequence
from typing import Any

from cli.moments import instant


def percent(rates: Any, name: str) -> str | None:
    """Returns a rate as text; None where it is undefined."""
    return f"{getattr(rates, name).percent:.2f} %" if rates.HasField(name) else None


def money(costs: Sequence[Any]) -> str:
    """Returns amounts as text, one for each currency."""
    return ", ".join(f"{one.units + one.nanos / 1e9:,.2f} {one.currency_code}" for one in costs)


def verdict(compared: Any) -> str:
    """Returns what a comparison came to, in words."""
    name: str = type(compared).Verdict.Name(compared.verdict)
    return name.removeprefix("VERDICT_").replace("_", " ").lower()


def document(found: Any) -> dict[str, Any]:
    """Returns an answer for programs: numbers as numbers, money as text, what is absent as null."""
    return {field.name: _value(found, field) for field in found.DESCRIPTOR.fields}


def _value(message: Any, field: Any) -> Any:
    value = getattr(message, field.name)
    if field.is_repeated:
        return [_plain(one) if field.message_type else one for one in value]
    if field.has_presence and not message.HasField(field.name):
        return None
    if field.message_type:
        return _plain(value)
    if field.enum_type:
        prefix = field.enum_type.values[0].name.removesuffix("UNSPECIFIED")
        return field.enum_type.values_by_number[value].name.removeprefix(prefix).lower() if value else ""
    return value


def _plain(message: Any) -> Any:
    from decimal import Decimal

    from cli.operating.calls import seconds

    name = message.DESCRIPTOR.full_name
    if name == "google.type.Money":
        amount = message.units + Decimal(message.nanos).scaleb(-9)
        return {"currency": message.currency_code, "amount": f"{amount.normalize():f}"}
    if name == "google.protobuf.Timestamp":
        return instant(message)
    return seconds(message) if name == "google.protobuf.Duration" else document(message)
