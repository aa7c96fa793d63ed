"""The contract's `buf.validate` rules, checked before a handler sees a message."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import protovalidate
from google.protobuf.message import Message

from buf.validate import validate_pb2
from services.common.errors import Violation, invalid_many
from services.common.rpc import plainness

Check = Callable[[Message], None]

_RULES: tuple[Any, Any, Any] = (validate_pb2.message, validate_pb2.oneof, validate_pb2.field)


def check_of(message_type: type[Message]) -> Check | None:
    """Returns the check of a message type, or None when no rule applies anywhere in it.

    The rules are compiled here, so that a rule that cannot be understood stops the start.
    """
    plain = plainness.of(message_type.DESCRIPTOR)
    if not _has_rules(message_type.DESCRIPTOR, set()):
        return None if plain is None else partial(check, plain=plain)
    protovalidate.collect_violations(message_type())
    return check if plain is None else partial(check, plain=plain)


def check(message: Message, plain: plainness.Plain | None = None) -> None:
    """Raises invalid with every violated field and its path."""
    violations = [
        Violation(field_path(violation.proto.field), violation.proto.message or "is not valid")
        for violation in protovalidate.collect_violations(message)
    ]
    if plain is not None:
        violations += plain.violations(message)
    if violations:
        raise invalid_many(violations)


def field_path(path: Any) -> str:
    """Returns a field path as people write it: `messages[2].recipient.email`, `labels["a"]`."""
    if path is None:
        return ""
    text = ""
    for element in path.elements:
        text += f".{element.field_name}" if text else element.field_name
        text += _subscript(element)
    return text


def _subscript(element: Any) -> str:
    subscript = element.subscript
    if subscript is None:
        return ""
    if subscript.field == "index":
        return f"[{subscript.value}]"
    return f'["{subscript.value}"]'


def _has_rules(descriptor: Any, seen: set[str]) -> bool:
    if descriptor.full_name in seen:
        return False
    seen.add(descriptor.full_name)
    of_message, of_oneof, of_field = _RULES
    if descriptor.GetOptions().HasExtension(of_message):
        return True
    if any(oneof.GetOptions().HasExtension(of_oneof) for oneof in descriptor.oneofs):
        return True
    return any(
        field.GetOptions().HasExtension(of_field)
        or (field.message_type is not None and _has_rules(field.message_type, seen))
        for field in descriptor.fields
    )
