"""Requests that the contract accepts, made from its descriptors: one place of each names the id that is asked for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import protovalidate
from google.protobuf.descriptor import Descriptor, FieldDescriptor, MethodDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from services.common.ids import uuid7
from tests.isolation.samples import ALWAYS, BY_FIELD, BY_NAME, MASKS, OUTSIDE, SPELLED, WHERE_NEEDED

Place = tuple[FieldDescriptor, ...]
"""The fields that lead from a request to a value that names something."""

_NAMES = re.compile(r"(^|_)(ids?|refs?|keys?|tokens?|codes?)$|^((template|segment)_)?names?$")
_DEEPEST = 4
_ROUNDS = 8


def path(place: Place) -> str:
    return ".".join(field.name for field in place)


def places(message: Descriptor, before: Place = ()) -> Iterator[Place]:
    """Every place of a message where a text names a thing."""
    for field in message.fields:
        place = (*before, field)
        if field.message_type is not None:
            if (
                _is_ours(field.message_type)
                and len(place) < _DEEPEST
                and field.message_type not in _types(before)
            ):
                yield from places(field.message_type, place)
        elif (
            field.type == field.TYPE_STRING
            and _NAMES.search(field.name)
            and OUTSIDE.isdisjoint({field.name, field.full_name})
        ):
            yield place


def request(method: MethodDescriptor, own: str, place: Place | None = None, asked: str = "") -> Message:
    """A valid request of a tenant whose things answer to `own`, that names `asked` at one place."""
    made = GetMessageClass(method.input_type)()
    if place is not None:
        _put(made, place, SPELLED.get(place[-1].full_name, str)(asked))
    _supply(made, ALWAYS.get(method.full_name, {}), own)
    if "update_mask" in made.DESCRIPTOR.fields_by_name:
        made.update_mask.paths.append(_changed(method, place))
    _complete(made, own)
    if faults(made):
        _supply(made, WHERE_NEEDED.get(method.full_name, {}), own)
        _complete(made, own)
    if "idempotency_key" in made.DESCRIPTOR.fields_by_name:
        made.idempotency_key = str(uuid7())
    return made


def _changed(method: MethodDescriptor, place: Place | None) -> str:
    """The field that an update names: the one that is asked about, else one that may be changed."""
    resources = [
        one for one in method.input_type.fields if one.message_type and one.message_type.name in MASKS
    ]
    if (
        place is not None
        and place[0] in resources
        and place[1].name in ("template_id", "segment_id", "branch_id", "branch_ids", "campaign_id")
    ):
        key = resources[0].message_type.fields[0]
        if place[1] is not key:
            return place[1].name
    return MASKS[resources[0].message_type.name]


def _complete(made: Message, own: str) -> None:
    """Adds what the contract asks for, as long as that brings it nearer."""
    for _ in range(_ROUNDS):
        violations = protovalidate.collect_violations(made)
        for violation in violations:
            _mend(made, _names(violation), violation.proto.message, own)
        if not violations:
            break


def faults(made: Message) -> list[str]:
    """What the contract has against a request."""
    return [f"{'.'.join(_names(one))}: {one.proto.message}" for one in protovalidate.collect_violations(made)]


def _supply(message: Any, values: Mapping[str, Any], own: str) -> None:
    """Gives a message these values, where it has none yet."""
    for name, value in values.items():
        field = message.DESCRIPTOR.fields_by_name[name]
        if _is_empty(message, field):
            _set(message, field, value, own)
        elif isinstance(value, dict):
            inner = getattr(message, name)
            _supply(inner[0] if field.is_repeated else inner, value, own)


def _names(violation: Any) -> list[str]:
    return [element.field_name for element in violation.proto.field.elements] if violation.proto.field else []


def _is_ours(message: Descriptor) -> bool:
    return message.full_name.startswith("angarium.") and not message.GetOptions().map_entry


def _types(place: Place) -> set[Descriptor]:
    return {field.message_type for field in place}


def _put(message: Any, place: Place, value: str) -> None:
    for field in place[:-1]:
        inner = getattr(message, field.name)
        message = (inner[0] if inner else inner.add()) if field.is_repeated else inner
        if not field.is_repeated:
            message.SetInParent()
    last = place[-1]
    if last.is_repeated:
        del getattr(message, last.name)[:]
        getattr(message, last.name).append(value)
    else:
        setattr(message, last.name, value)


def _mend(message: Any, names: list[str], complaint: str, own: str) -> None:
    """Gives what a rule asks for a value, where it has none yet: a field, one of a choice, or what the rule's text names."""
    for name in names:
        field = message.DESCRIPTOR.fields_by_name.get(name)
        if field is None:
            _fill(message, message.DESCRIPTOR.oneofs_by_name[name].fields[0], own)
            return
        if _is_empty(message, field) or field.message_type is None:
            _fill(message, field, own)
            return
        inner = getattr(message, name)
        message = inner[0] if field.is_repeated else inner
    if needed := re.match(r"(\w+) is needed", complaint):
        _fill(message, message.DESCRIPTOR.fields_by_name[needed[1]], own)


def _is_empty(message: Any, field: FieldDescriptor) -> bool:
    return not (message.HasField(field.name) if field.has_presence else getattr(message, field.name))


def _fill(message: Any, field: FieldDescriptor, own: str) -> None:
    if _is_empty(message, field):
        _set(message, field, BY_FIELD.get(field.full_name, BY_NAME.get(field.name)), own)


def _set(message: Any, field: FieldDescriptor, value: Any, own: str) -> None:
    value = value(own) if callable(value) else value
    if field.message_type is not None and field.message_type.GetOptions().map_entry:
        getattr(message, field.name).update(value or {"k": "v"})
    elif field.message_type is not None:
        target = getattr(message, field.name)
        one = target.add() if field.is_repeated else target
        if isinstance(value, Message):
            one.CopyFrom(value)
        else:
            one.SetInParent()
            for name, inner in (value or {}).items():
                _set(one, one.DESCRIPTOR.fields_by_name[name], inner, own)
    elif field.is_repeated:
        many = value if isinstance(value, list) else [_plain(field, value, own)]
        getattr(message, field.name).extend(many)
    else:
        setattr(message, field.name, _plain(field, value, own))


def _plain(field: FieldDescriptor, value: Any, own: str) -> Any:
    if value is not None:
        return value
    if field.name == "idempotency_key":
        return str(uuid7())
    if field.type == field.TYPE_STRING:
        return own
    if field.type == field.TYPE_BYTES:
        return b"x" * 32
    return (field.type != field.TYPE_BOOL and 1) or True
