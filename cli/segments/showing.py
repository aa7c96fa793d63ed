"""Segments and their contacts as programs read them."""

from typing import Any

from cli.moments import instant_of
from cli.segments import rules


def segment(one: Any) -> dict[str, Any]:
    """Returns a segment."""
    kind = "system" if one.kind == 1 else "dynamic" if one.is_dynamic else "static"
    return {
        "segment": one.segment_id,
        "name": one.name,
        "kind": kind if one.is_active else f"{kind}, off",
        "contacts": one.contact_count,
        "counted": instant_of(one, "refresh_time"),
        "rule": rules.shown(one.rule) if one.HasField("rule") else None,
    }
