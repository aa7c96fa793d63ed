"""The page on segments: its fields are those of the catalogue, its rule is one."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from cli.segments.rules import rule_of
from services.campaign.segments.catalogue import ATTRIBUTE, ATTRIBUTES, FIELDS, WORDS, Field
from services.campaign.segments.convert import rule_from_proto

PAGE = Path(__file__).parents[2] / "docs" / "segments.md"


def line(name: str, entry: Field) -> str:
    ops = " ".join(f"`{op.name.lower()}`" for op in sorted(entry.ops))
    choices = f": {', '.join(f'`{one}`' for one in entry.choices)}" if entry.choices else ""
    index = f"`{entry.index}`" if entry.index else ""
    return f"| `{name}` | {WORDS[entry.kind]}{choices} | {ops} | {index} | {entry.says} |"


def table() -> str:
    rows = [line(name, entry) for name, entry in FIELDS.items()]
    rows.append(line(f"{ATTRIBUTES}<key>", ATTRIBUTE))
    return "\n".join(["| field | value | operators | index | |", "|---|---|---|---|---|", *rows])


@pytest.mark.req("CAM-82")
def test_the_table_of_fields_is_the_catalogue() -> None:
    found = re.search(r"<!-- fields -->\n(.*)\n<!-- /fields -->", PAGE.read_text(), re.DOTALL)
    assert found is not None
    assert found[1] == table()


def test_the_rule_that_the_page_shows_is_one() -> None:
    found = re.search(r"```toml\n(.*?)```", PAGE.read_text(), re.DOTALL)
    assert found is not None
    rule = rule_from_proto(rule_of(tomllib.loads(found[1])["rule"], "rule"), "rule")
    assert rule.size == 5
