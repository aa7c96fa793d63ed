"""What is said: letters with subjects to compare, and texts, in as many languages as the examples have."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from google.protobuf.json_format import ParseDict
from google.protobuf.struct_pb2 import Value

from angarium.campaign.v1 import template_service_pb2
from angarium.common.v1 import enums_pb2
from cli.demo.actors import Cast, patiently
from cli.output import CommandError

EXAMPLES = Path(__file__).resolve().parents[3] / "examples"
_TYPES = {
    "string": template_service_pb2.VARIABLE_TYPE_STRING,
    "number": template_service_pb2.VARIABLE_TYPE_NUMBER,
    "date": template_service_pb2.VARIABLE_TYPE_DATE,
    "money": template_service_pb2.VARIABLE_TYPE_MONEY,
    "url": template_service_pb2.VARIABLE_TYPE_URL,
}


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter that is ready to be sent, in as many forms as it has subjects."""

    template_ids: dict[str, str]
    """By the key of the form."""
    version_ids: dict[str, str]
    subjects: dict[str, str]
    """Of the fallback language, for people."""
    values: dict[str, Any]
    """For variables that are the same for everybody."""
    languages: tuple[str, ...]


async def write_letter(cast: Cast, name: str) -> Letter:
    """Creates every form of a letter of the examples, makes it active, and previews it in every language."""
    folder = EXAMPLES / "templates" / name
    manifest = _manifest(folder)
    fallback = manifest["fallback_language"]
    languages = tuple(sorted(path.stem for path in folder.glob("*.txt")))
    template_ids, version_ids = {}, {}
    for key, subjects in manifest["subjects"].items():
        version = template_service_pb2.TemplateVersion(
            fallback_language_code=fallback,
            variables=[_variable(one) for one in manifest["variables"]],
            contents=[
                template_service_pb2.TemplateContent(
                    language_code=language,
                    subject=subjects.get(language, ""),
                    body_html=_body(folder / f"{language}.html"),
                    body_text=_body(folder / f"{language}.txt"),
                )
                for language in languages
            ],
        )
        published = await _publish(cast, manifest, key, version)
        template_ids[key], version_ids[key] = published.template_id, published.active_version_id
        for language in languages:
            await _preview(cast, published, language)
    subjects = {key: by_language.get(fallback, "") for key, by_language in manifest["subjects"].items()}
    return Letter(template_ids, version_ids, subjects, manifest["values"], languages)


async def _publish(
    cast: Cast, manifest: dict[str, Any], key: str, version: template_service_pb2.TemplateVersion
) -> template_service_pb2.Template:
    many = len(manifest["subjects"]) > 1
    name = f"{manifest['name']} {key.upper()}" if many else manifest["name"]
    created = await patiently(
        cast.ada.templates.CreateTemplate,
        template_service_pb2.CreateTemplateRequest(
            template=template_service_pb2.Template(
                name=name,
                description=manifest["description"],
                channel=f"CHANNEL_{manifest.get('channel', 'email').upper()}",
                template_type=f"TEMPLATE_TYPE_{manifest['type'].upper()}",
                category=f"CATEGORY_{manifest['category'].upper()}",
            ),
            version=version,
            idempotency_key=f"demo-template-{name}",
        ),
    )
    activated: template_service_pb2.ActivateTemplateVersionResponse = await patiently(
        cast.ada.templates.ActivateTemplateVersion,
        template_service_pb2.ActivateTemplateVersionRequest(
            template_id=created.template.template_id,
            version=created.version.version,
            idempotency_key=f"demo-activate-{name}",
        ),
    )
    return activated.template


async def _preview(cast: Cast, template: template_service_pb2.Template, language: str) -> None:
    """Renders with samples, exactly as sending does; CommandError when something would be missing."""
    shown = await patiently(
        cast.ada.templates.PreviewTemplate,
        template_service_pb2.PreviewTemplateRequest(template_id=template.template_id, language_code=language),
    )
    needs_link = (
        template.template_type == template_service_pb2.TEMPLATE_TYPE_PROMOTIONAL
        and template.channel == enums_pb2.CHANNEL_EMAIL
    )
    if shown.missing_variables or (needs_link and not shown.has_unsubscribe_link):
        missing = ", ".join(shown.missing_variables) or "the unsubscribe link"
        raise CommandError(f"{template.name} in {language} lacks {missing}.")


def _variable(one: dict[str, Any]) -> template_service_pb2.TemplateVariable:
    variable = template_service_pb2.TemplateVariable(
        name=one["name"], type=_TYPES[one["type"]], is_required=one["required"]
    )
    variable.sample_value.CopyFrom(ParseDict(one["sample"], Value()))
    if one["default"] is not None:
        variable.default_value.CopyFrom(ParseDict(one["default"], Value()))
    return variable


def _body(path: Path) -> str:
    """Returns one form of the content; a text has no HTML."""
    return path.read_text(encoding="utf-8").rstrip("\n") if path.exists() else ""


def _manifest(folder: Path) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads((folder / "template.json").read_text(encoding="utf-8"))
    except OSError as error:
        raise CommandError(
            f"The demo's letter is not here: {folder}.", "Run the demo from a clone of the repository."
        ) from error
    return found
