"""What is said: a letter in four languages, with two subjects to compare."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from google.protobuf.json_format import ParseDict
from google.protobuf.struct_pb2 import Value

from angarium.campaign.v1 import template_service_pb2
from angarium.common.v1 import enums_pb2
from cli.demo.actors import Cast, patiently
from cli.demo.stage import Phase
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
    """A letter that is ready to be sent, in two forms that differ by subject."""

    template_ids: dict[str, str]
    """By the key of the form."""
    subjects: dict[str, str]
    """Of the fallback language, for people."""
    values_json: str
    languages: tuple[str, ...]


async def write_letter(cast: Cast, phase: Phase) -> Letter:
    """Creates both forms of the letter, previews every language, and makes them active."""
    folder = EXAMPLES / "templates" / "autumn"
    manifest = _manifest(folder)
    languages = tuple(sorted(path.stem for path in folder.glob("*.html")))
    ids = {}
    for key, subjects in manifest["subjects"].items():
        version = template_service_pb2.TemplateVersion(
            fallback_language_code=manifest["fallback_language"],
            variables=[_variable(one) for one in manifest["variables"]],
            contents=[
                template_service_pb2.TemplateContent(
                    language_code=language,
                    subject=subjects[language],
                    body_html=(folder / f"{language}.html").read_text(encoding="utf-8"),
                    body_text=(folder / f"{language}.txt").read_text(encoding="utf-8"),
                )
                for language in languages
            ],
        )
        ids[key] = await _publish(cast, f"{manifest['name']} {key.upper()}", manifest["description"], version)
        for language in languages:
            await _preview(cast, ids[key], language)
    phase.result = f"{', '.join(languages)}; two subjects, previewed"
    subjects = {
        key: by_language[manifest["fallback_language"]] for key, by_language in manifest["subjects"].items()
    }
    return Letter(ids, subjects, json.dumps(manifest["values"]), languages)


async def _publish(
    cast: Cast, name: str, description: str, version: template_service_pb2.TemplateVersion
) -> str:
    created = await patiently(
        cast.ada.templates.CreateTemplate,
        template_service_pb2.CreateTemplateRequest(
            template=template_service_pb2.Template(
                name=name,
                description=description,
                channel=enums_pb2.CHANNEL_EMAIL,
                template_type=template_service_pb2.TEMPLATE_TYPE_PROMOTIONAL,
                category=enums_pb2.CATEGORY_NEWSLETTER,
            ),
            version=version,
            idempotency_key=f"demo-template-{name}",
        ),
    )
    template_id = str(created.template.template_id)
    await patiently(
        cast.ada.templates.ActivateTemplateVersion,
        template_service_pb2.ActivateTemplateVersionRequest(
            template_id=template_id, version=created.version.version, idempotency_key=f"demo-activate-{name}"
        ),
    )
    return template_id


async def _preview(cast: Cast, template_id: str, language: str) -> None:
    """Renders with samples, exactly as sending does; CommandError when somebody could not be reached or left."""
    shown = await patiently(
        cast.ada.templates.PreviewTemplate,
        template_service_pb2.PreviewTemplateRequest(template_id=template_id, language_code=language),
    )
    if shown.missing_variables or not shown.has_unsubscribe_link:
        missing = ", ".join(shown.missing_variables) or "the unsubscribe link"
        raise CommandError(f"The letter in {language} lacks {missing}.")


def _variable(one: dict[str, Any]) -> template_service_pb2.TemplateVariable:
    variable = template_service_pb2.TemplateVariable(
        name=one["name"], type=_TYPES[one["type"]], is_required=one["required"]
    )
    variable.sample_value.CopyFrom(ParseDict(one["sample"], Value()))
    if one["default"] is not None:
        variable.default_value.CopyFrom(ParseDict(one["default"], Value()))
    return variable


def _manifest(folder: Path) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads((folder / "template.json").read_text(encoding="utf-8"))
    except OSError as error:
        raise CommandError(
            f"The demo's letter is not here: {folder}.", "Run the demo from a clone of the repository."
        ) from error
    return found
