"""Coupons to be, from files and from options."""

from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from google.protobuf.json_format import MessageToDict

from angarium.campaign.v1 import coupon_pb2
from cli import files
from cli.operating.tenancy import money
from cli.output import usage


def read(path: Path) -> coupon_pb2.Coupon:
    """Returns the coupon of a file; amounts may be spelled `5 EUR`, words of the contract without their prefix."""
    return files.read(path, coupon_pb2.Coupon(), "coupon", "docs/coupons.md", _spelled)


def percentage(option: str, text: str) -> int:
    """Returns a part of the order in hundredths of a percent; another text ends the command."""
    try:
        found = Decimal(text.removesuffix("%").strip()) * 100
    except InvalidOperation:
        found = Decimal(0)
    if not found.is_finite() or found != int(found) or not 1 <= found <= 10_000:
        usage(
            f"{option} {text!r} is no part of an order.", "Name percents from 0.01 to 100, for example: 12.5"
        )
    return int(found)


def _spelled(found: dict[str, Any]) -> dict[str, Any]:
    """Returns the fields of a file as the contract spells them."""
    known = {**found}
    for field in coupon_pb2.Coupon.DESCRIPTOR.fields:
        name = field.name if field.name in known else field.json_name
        if not isinstance(text := known.get(name), str):
            continue
        if field.message_type is not None and field.message_type.full_name == "google.type.Money":
            known[name] = MessageToDict(money(name, text))
        elif field.enum_type is not None:
            prefix = field.enum_type.values[0].name.removesuffix("UNSPECIFIED")
            known[name] = prefix + text.upper().removeprefix(prefix)
    return known
