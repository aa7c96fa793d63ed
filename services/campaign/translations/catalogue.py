"""Translations of the platform: part of the program, one file per language (CAM-12)."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from services.campaign.translations.domain import Translation

FOLDER: Final = Path(__file__).with_name("platform")


@cache
def words() -> Mapping[tuple[str, str], str]:
    """Returns the words of the platform by language and key; read from their files once."""
    return MappingProxyType(
        {
            (path.stem, key): value
            for path in sorted(FOLDER.glob("*.toml"))
            for key, value in _flat(tomllib.loads(path.read_text(encoding="utf-8")))
        }
    )


@cache
def translations() -> tuple[Translation, ...]:
    """Returns the same in the order of lists."""
    made = [Translation(key, language, value, is_system=True) for (language, key), value in words().items()]
    return tuple(sorted(made, key=lambda one: one.place))


def _flat(table: Mapping[str, Any], above: str = "") -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for name, value in table.items():
        key = f"{above}{name}"
        found += _flat(value, f"{key}.") if isinstance(value, dict) else [(key, value)]
    return found
