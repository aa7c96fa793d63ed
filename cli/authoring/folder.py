"""A template as a folder: a manifest, and the parts of each language as files."""

import json
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from cli.output import CommandError

if TYPE_CHECKING:
    from angarium.campaign.v1 import template_service_pb2 as pb

MANIFESTS: Final = ("template.toml", "template.json")
PARTS: Final = {
    "body_html": ".html",
    "body_mjml": ".mjml",
    "body_text": ".txt",
    "body_amp": ".amp",
}
RICH: Final = ".rich.json"


def read(folder: Path) -> tuple["pb.Template", "pb.TemplateVersion"]:
    """Returns the template and the version that a folder holds; CommandError says what is wrong with it."""
    from google.protobuf.json_format import ParseError

    manifest = _manifest(folder)
    try:
        return _template(manifest), _version(folder, manifest)
    except (KeyError, ValueError, TypeError, ParseError) as error:
        raise CommandError(
            f"{folder} is no template: {error}", "docs/templates.md shows what a folder holds."
        ) from None


def write(folder: Path, template: "pb.Template", version: "pb.TemplateVersion") -> None:
    """Writes a template as `read` takes it, into a folder that is new or empty."""
    from cli.authoring import calls

    if folder.exists() and any(folder.iterdir()):
        raise CommandError(f"{folder} is not empty.", "Name a folder that is not there yet.")
    folder.mkdir(parents=True, exist_ok=True)
    shown = calls.shown(template)
    manifest = {
        **{key: shown[key] for key in ("name", "channel", "type", "category")},
        "description": template.description,
        "fallback_language": version.fallback_language_code,
        "shorten_links": version.shorten_links,
        "languages": {one.language_code: _said(one) for one in version.contents},
        "variables": [variable_shown(one) for one in version.variables],
    }
    text = json.dumps(manifest, indent=2, ensure_ascii=False)
    (folder / "template.json").write_text(f"{text}\n", encoding="utf-8")
    for one in version.contents:
        for field, end in PARTS.items():
            if written := getattr(one, field):
                (folder / f"{one.language_code}{end}").write_text(written, encoding="utf-8")


def variable_shown(one: "pb.TemplateVariable") -> dict[str, Any]:
    """Returns a variable as a manifest writes it."""
    from google.protobuf.json_format import MessageToDict

    from angarium.campaign.v1 import template_service_pb2 as pb

    given = {
        "default": MessageToDict(one.default_value) if one.HasField("default_value") else None,
        "sample": MessageToDict(one.sample_value) if one.HasField("sample_value") else None,
    }
    return {
        "name": one.name,
        "type": pb.VariableType.Name(one.type).removeprefix("VARIABLE_TYPE_").lower(),
        "required": one.is_required,
        **{key: value for key, value in given.items() if value is not None},
    }


def _said(one: "pb.TemplateContent") -> dict[str, Any]:
    found = {
        "subject": one.subject,
        "preheader": one.preheader,
        "variable_order": list(one.variable_order),
    }
    return {key: value for key, value in found.items() if value}


def words(path: Path) -> list[tuple[str, str, str]]:
    """Returns language, key and words of a file of translations: a table per language, keys dotted or nested."""
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CommandError(f"{path} cannot be read: {error}", 'It is TOML: [en] and key = "words".') from None
    return [(language, key, value) for language, table in tables.items() for key, value in _flat(table)]


def _flat(table: Any, above: str = "") -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for name, value in table.items():
        found += (
            _flat(value, f"{above}{name}.") if isinstance(value, dict) else [(f"{above}{name}", str(value))]
        )
    return found


def _manifest(folder: Path) -> dict[str, Any]:
    path = next((folder / name for name in MANIFESTS if (folder / name).is_file()), None)
    if path is None:
        raise CommandError(f"{folder} holds no {' or '.join(MANIFESTS)}.", "docs/templates.md shows one.")
    try:
        text = path.read_text(encoding="utf-8")
        found: dict[str, Any] = tomllib.loads(text) if path.suffix == ".toml" else json.loads(text)
    except (ValueError, OSError) as error:
        raise CommandError(f"{path} cannot be read: {error}") from None
    return found


def _template(manifest: dict[str, Any]) -> "pb.Template":
    from angarium.campaign.v1 import template_service_pb2 as pb

    return pb.Template(
        name=manifest["name"],
        description=manifest.get("description", ""),
        channel=f"CHANNEL_{manifest.get('channel', 'email').upper()}",
        template_type=f"TEMPLATE_TYPE_{manifest['type'].upper()}",
        category=f"CATEGORY_{manifest['category'].upper()}",
    )


def _version(folder: Path, manifest: dict[str, Any]) -> "pb.TemplateVersion":
    from angarium.campaign.v1 import template_service_pb2 as pb

    endings = (*PARTS.values(), RICH)
    languages = sorted(
        {path.name.removesuffix(end) for end in endings for path in folder.glob(f"*{end}")} - {""}
    )
    if not languages:
        raise ValueError("it holds no language, such as en.html or en.txt")
    return pb.TemplateVersion(
        fallback_language_code=manifest.get("fallback_language", ""),
        shorten_links=manifest.get("shorten_links", False),
        variables=[_variable(one) for one in manifest.get("variables", ())],
        contents=[_content(folder, manifest, language) for language in languages],
    )


def _content(folder: Path, manifest: dict[str, Any], language: str) -> "pb.TemplateContent":
    from google.protobuf.json_format import Parse

    from angarium.campaign.v1 import template_service_pb2 as pb

    own = manifest.get("languages", {}).get(language, {})
    content = pb.TemplateContent(
        language_code=language,
        subject=own.get("subject", _subjects(manifest).get(language, "")),
        preheader=own.get("preheader", ""),
        whatsapp_template_name=own.get("whatsapp_template_name", ""),
        variable_order=own.get("variable_order", manifest.get("variable_order", ())),
    )
    for field, end in PARTS.items():
        path = folder / f"{language}{end}"
        if path.is_file():
            setattr(content, field, path.read_text(encoding="utf-8"))
    rich = folder / f"{language}{RICH}"
    if rich.is_file():
        Parse(rich.read_text(encoding="utf-8"), content.rich_content)
    return content


def _subjects(manifest: dict[str, Any]) -> dict[str, str]:
    """Returns subjects by language; of several forms the first."""
    found = manifest.get("subjects", {})
    first = next(iter(found.values()), None)
    return first if isinstance(first, dict) else found


def _variable(given: dict[str, Any]) -> "pb.TemplateVariable":
    from google.protobuf.json_format import ParseDict
    from google.protobuf.struct_pb2 import Value

    from angarium.campaign.v1 import template_service_pb2 as pb

    made = pb.TemplateVariable(
        name=given["name"],
        type=f"VARIABLE_TYPE_{given.get('type', 'string').upper()}",
        is_required=given.get("required", True),
    )
    if given.get("default") is not None:
        made.default_value.CopyFrom(ParseDict(given["default"], Value()))
    if given.get("sample") is not None:
        made.sample_value.CopyFrom(ParseDict(given["sample"], Value()))
    return made
