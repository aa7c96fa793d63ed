"""Messages of the contract as people write them into files: JSON or TOML."""

import json
import re
import tomllib
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from cli.output import CommandError

if TYPE_CHECKING:
    from google.protobuf.message import Message

M = TypeVar("M", bound="Message")
_NOTHING: Mapping[str, Callable[[Any], Any]] = {}


def read(
    path: Path,
    message: M,
    what: str,
    page: str,
    spelled: Callable[[dict[str, Any]], dict[str, Any]] = lambda found: found,
) -> M:
    """Fills a message from a file with its fields and returns it.

    Args:
        path: TOML by its ending, JSON otherwise.
        message: What is filled.
        what: What the file should hold, for the error.
        page: Page of the documentation that says how.
        spelled: Turns spellings that only people use into those of the contract.

    Raises:
        CommandError: The file cannot be read, or holds something else.
    """
    from google.protobuf import json_format

    try:
        text = path.read_text(encoding="utf-8")
        found = tomllib.loads(text) if path.suffix == ".toml" else json.loads(text)
    except OSError as error:
        raise CommandError(
            f"{path} cannot be read: {error.strerror}.", "Name a .json or .toml file."
        ) from None
    except ValueError as error:
        raise CommandError(
            f"{path} is no valid {path.suffix.removeprefix('.') or 'JSON'}: {error}."
        ) from None
    mend = f"The fields are those of the contract: see {page}"
    if not isinstance(found, dict):
        raise CommandError(f"{path} is no {what}: it holds no fields.", mend)
    known = spelled(found)
    names = {name for field in message.DESCRIPTOR.fields for name in (field.name, field.json_name)}
    for name in known:
        if name not in names:
            raise CommandError(f"{path} is no {what}: {_unknown(name, message)}.", mend)
    try:
        return json_format.ParseDict(plain(known), message)
    except json_format.ParseError as error:
        raise CommandError(f"{path} is no {what}: {_without_internals(str(error))}.", mend) from None


def words(descriptor: Any, found: Any, special: Mapping[str, Callable[[Any], Any]] = _NOTHING) -> Any:
    """Returns the fields of a message, and of those in it, as the contract spells them.

    Words of enumerations may lack their prefix; messages whose names are in `special` are spelled by what stands there.
    """
    if spell := special.get(descriptor.full_name):
        return spell(found)
    if not isinstance(found, dict) or descriptor.full_name.startswith("google.protobuf."):
        return found
    known = dict(found)
    for field in descriptor.fields:
        name = field.name if field.name in known else field.json_name
        if name not in known:
            continue
        value = known[name]
        is_map = field.message_type is not None and field.message_type.GetOptions().map_entry
        if field.is_repeated and isinstance(value, list) and not is_map:
            known[name] = [_word(field, one, special) for one in value]
        elif not is_map:
            known[name] = _word(field, value, special)
    return known


def _word(field: Any, value: Any, special: Mapping[str, Callable[[Any], Any]]) -> Any:
    if field.enum_type is not None and isinstance(value, str):
        prefix = field.enum_type.values[0].name.removesuffix("UNSPECIFIED")
        return prefix + value.upper().replace("-", "_").removeprefix(prefix)
    return words(field.message_type, value, special) if field.message_type is not None else value


def _unknown(name: str, message: "Message") -> str:
    known = [field.name for field in message.DESCRIPTOR.fields]
    near = get_close_matches(name, known, 1)
    return f"'{name}' is no field" + (f"; is {near[0]} meant?" if near else "")


def _without_internals(text: str) -> str:
    """Returns what a parser says of a value, without names of types and lists of what there is."""
    first = text.splitlines()[0].partition("Available Fields")[0]
    return re.sub(r'"?angarium(?:\.\w+)*\.(\w+)"?', r"\1", first).strip().removesuffix(".")


def plain(value: Any) -> Any:
    """Returns a value as JSON has it: instants as the contract writes them."""
    if isinstance(value, dict):
        return {name: plain(one) for name, one in value.items()}
    if isinstance(value, list):
        return [plain(one) for one in value]
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return value.isoformat() if isinstance(value, date | time) else value
