"""Update masks (GEN-27): what an update changes is what its mask names, no more and no less."""

from __future__ import annotations

from collections.abc import Container, Mapping
from typing import Any

from google.protobuf.field_mask_pb2 import FieldMask

from services.common.errors import Violation, invalid, invalid_many

FIELD = "update_mask"


def apply_mask(mask: FieldMask | None, allowed: Mapping[str, Any] | Container[str]) -> list[str]:
    """Returns the paths of a mask, each once and in order; invalid when it is absent or names something else.

    A path in the mask whose field is empty clears the field: the caller takes the value as it stands.
    """
    if mask is None or not mask.paths:
        raise invalid(FIELD, "must name at least one field")
    unknown = [path for path in mask.paths if path not in allowed]
    if unknown:
        raise invalid_many(Violation(FIELD, f"names {path}, which cannot be updated") for path in unknown)
    return list(dict.fromkeys(mask.paths))
