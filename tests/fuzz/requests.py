"""Requests of any method, made from its descriptor: what its rules allow, what exists, and what nobody ought to send."""

from __future__ import annotations

import time
from random import Random
from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from buf.validate import validate_pb2
from tests.fuzz import values
from tests.fuzz.pool import Pool

_DEEPEST = 6
_RULES: Any = validate_pb2.field
_KINDS = {
    FieldDescriptor.TYPE_INT32: "int32",
    FieldDescriptor.TYPE_SINT32: "int32",
    FieldDescriptor.TYPE_SFIXED32: "int32",
    FieldDescriptor.TYPE_UINT32: "uint32",
    FieldDescriptor.TYPE_FIXED32: "uint32",
    FieldDescriptor.TYPE_INT64: "int64",
    FieldDescriptor.TYPE_SINT64: "int64",
    FieldDescriptor.TYPE_SFIXED64: "int64",
    FieldDescriptor.TYPE_UINT64: "uint64",
    FieldDescriptor.TYPE_FIXED64: "uint64",
}


class Requests:
    """Makes requests; the same seed and the same pool make the same."""

    def __init__(self, random: Random, pool: Pool) -> None:
        self._random = random
        self._pool = pool

    def make(self, descriptor: Descriptor) -> Any:
        """A request of a type, full or nearly empty by chance."""
        message = GetMessageClass(descriptor)()
        self._fill(message, self._random.choice((0.25, 0.6, 0.95)), 0)
        return message

    def vary(self, message: Any) -> Any:
        """A valid request that names what exists, with up to two of its fields as chance has them."""
        self._name_known(message)
        for _ in range(self._random.choice((0, 0, 1, 1, 2))):
            inside = message
            while inside.DESCRIPTOR.fields:
                field = self._random.choice(inside.DESCRIPTOR.fields)
                given = (
                    field.message_type is not None and not field.is_repeated and inside.HasField(field.name)
                )
                if not given or self._random.random() < 0.3:
                    break
                inside = getattr(inside, field.name)
            if not inside.DESCRIPTOR.fields:
                continue
            inside.ClearField(field.name)
            if self._random.random() < 0.9:
                rules = (
                    field.GetOptions().Extensions[_RULES] if field.GetOptions().HasExtension(_RULES) else None
                )
                self._set(inside, field, rules, 0.6, 1)
        return message

    def _name_known(self, message: Any) -> None:
        """Puts ids and etags that exist in the place of others."""
        for field, value in message.ListFields():
            if field.message_type is not None:
                if not field.message_type.GetOptions().map_entry:
                    for one in list(value) if field.is_repeated else [value]:
                        self._name_known(one)
            elif (
                field.type == FieldDescriptor.TYPE_STRING
                and not field.is_repeated
                and self._random.random() < 0.9
            ):
                if field.name.endswith(("_id", "etag", "token")):
                    setattr(message, field.name, self._pool.text(self._random, field.name) or value)
                elif field.name == "idempotency_key":
                    setattr(message, field.name, values.uuid(self._random))

    def _fill(self, message: Message, share: float, depth: int) -> None:
        special = getattr(self, "_" + message.DESCRIPTOR.full_name.replace(".", "_"), None)
        if special is not None:
            special(message)
            return
        for field in message.DESCRIPTOR.fields:
            rules = field.GetOptions().Extensions[_RULES] if field.GetOptions().HasExtension(_RULES) else None
            wanted = 0.98 if rules is not None and (rules.required or rules.cel) else share
            if field.containing_oneof is not None and message.WhichOneof(field.containing_oneof.name):
                wanted = 0.2
            if field.type == FieldDescriptor.TYPE_MESSAGE and depth >= _DEEPEST:
                wanted = 0.02
            if self._random.random() < wanted:
                self._set(message, field, rules, share, depth)
        if "update_mask" in message.DESCRIPTOR.fields_by_name and self._random.random() < 0.85:
            self._name_what_is_given(message)

    def _name_what_is_given(self, message: Any) -> None:
        """Has the mask of an update name fields of what it updates."""
        resource = next(
            (
                field
                for field, _ in message.ListFields()
                if field.name != "update_mask" and field.message_type
            ),
            None,
        )
        if resource is not None and not resource.is_repeated:
            names = [field.name for field in resource.message_type.fields]
            del message.update_mask.paths[:]
            message.update_mask.paths.extend(
                self._random.sample(names, min(len(names), self._random.choice((1, 2, 4))))
            )

    def _set(self, message: Any, field: FieldDescriptor, rules: Any, share: float, depth: int) -> None:
        if field.message_type is not None and field.message_type.GetOptions().map_entry:
            self._set_map(getattr(message, field.name), field, share, depth)
        elif field.is_repeated:
            self._set_many(getattr(message, field.name), field, rules, share, depth)
        elif field.type == FieldDescriptor.TYPE_MESSAGE:
            inner = getattr(message, field.name)
            inner.SetInParent()
            self._fill(inner, share, depth + 1)
        else:
            setattr(message, field.name, self._scalar(field, rules))

    def _set_many(self, target: Any, field: FieldDescriptor, rules: Any, share: float, depth: int) -> None:
        several = rules.repeated if rules is not None and rules.HasField("repeated") else None
        least = several.min_items if several is not None else 0
        count = max(least, self._random.choice((1, 1, 2, 3)))
        if self._random.random() < 0.02:
            count = 0
        of_items = several.items if several is not None and several.HasField("items") else None
        for _ in range(min(count, 50)):
            if field.type == FieldDescriptor.TYPE_MESSAGE:
                self._fill(target.add(), share, depth + 1)
            else:
                target.append(self._scalar(field, of_items))

    def _set_map(self, target: Any, field: FieldDescriptor, share: float, depth: int) -> None:
        key, value = (field.message_type.fields_by_name[name] for name in ("key", "value"))
        for _ in range(self._random.choice((1, 1, 2))):
            name = self._scalar(key, None)
            if value.type == FieldDescriptor.TYPE_MESSAGE:
                self._fill(target[name], share, depth + 1)
            else:
                target[name] = self._scalar(value, None)

    def _scalar(self, field: FieldDescriptor, rules: Any) -> Any:
        random = self._random
        if field.type == FieldDescriptor.TYPE_STRING:
            known = self._pool.text(random, field.name) if random.random() < 0.75 else None
            of_text = rules.string if rules is not None and rules.HasField("string") else None
            return known if known is not None else values.text(random, field.name, of_text)
        if field.type == FieldDescriptor.TYPE_BYTES:
            length = rules.bytes.len if rules is not None and rules.HasField("bytes") else 0
            return random.choice(
                (random.randbytes(length or 32), b"{}", b"\x1f\x8b\x08", b"\xff\xd8\xff\xe0", b"")
            )
        if field.type == FieldDescriptor.TYPE_BOOL:
            return random.random() < 0.5
        if field.type == FieldDescriptor.TYPE_ENUM:
            return (
                random.choice((0, 99, -1))
                if random.random() < 0.08
                else random.choice(field.enum_type.values).number
            )
        if field.type in (FieldDescriptor.TYPE_DOUBLE, FieldDescriptor.TYPE_FLOAT):
            return random.choice(values.FLOATS)
        kind = _KINDS[field.type]
        return values.integer(
            random, kind, getattr(rules, kind) if rules is not None and rules.HasField(kind) else None
        )

    def _google_protobuf_Timestamp(self, message: Any) -> None:
        if self._random.random() < 0.8:
            message.seconds = int(time.time()) + self._random.choice(
                (-(10**7), -86_400, -60, 60, 86_400, 10**7)
            )
        else:
            message.seconds, message.nanos = (
                self._random.choice(values.SECONDS),
                self._random.choice(values.NANOS),
            )

    def _google_protobuf_Duration(self, message: Any) -> None:
        if self._random.random() < 0.8:
            message.seconds = self._random.choice((1, 60, 3600, 86_400, 30 * 86_400))
        else:
            message.seconds, message.nanos = (
                self._random.choice(values.SECONDS),
                self._random.choice(values.NANOS),
            )

    def _google_type_Money(self, message: Any) -> None:
        message.currency_code = self._random.choice(("EUR", "EUR", "EUR", "JPY", "ZZZ", ""))
        message.units = self._random.choice((0, 1, 12, 10**6, 10**15, -1, 2**63 - 1))
        message.nanos = self._random.choice((0, 0, 500_000_000, 1, -1, 10**9, -500_000_000))

    def _google_protobuf_FieldMask(self, message: Any) -> None:
        known = self._pool.text(self._random, "update_mask")
        for _ in range(self._random.choice((1, 1, 2, 5))):
            message.paths.append(self._random.choice((known or "name", "name", *values.SEVERAL)))

    def _google_protobuf_Struct(self, message: Any) -> None:
        for _ in range(self._random.choice((0, 1, 2))):
            name = values.text(self._random, "name", None)
            self._google_protobuf_Value(message.fields[name])

    def _google_protobuf_Value(self, message: Any) -> None:
        kind = self._random.randrange(7)
        if kind == 0:
            message.number_value = self._random.choice(values.FLOATS)
        elif kind == 1:
            message.string_value = values.text(self._random, "value", None)
        elif kind == 2:
            message.bool_value = True
        elif kind == 3:
            message.null_value = 0
        elif kind == 4:
            for _ in range(2):
                message.list_value.values.add().number_value = self._random.choice(values.FLOATS)
        elif kind == 5:
            inner = message
            for _ in range(self._random.choice((1, 3, 20))):
                inner = inner.struct_value.fields["x"]
            inner.string_value = "deep"

    def _google_protobuf_Any(self, message: Any) -> None:
        message.type_url = self._random.choice(
            ("", "type.googleapis.com/angarium.delivery.v1.MessagesSent", "x/y", "x")
        )
        message.value = self._random.choice((b"", b"\x08\x01", b"\xff\xff"))
