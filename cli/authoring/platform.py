"""`angarium templates platform`: what the platform says by itself, shown, and copied to be said in other words."""

import asyncio
from pathlib import Path
from typing import Annotated, Any

import typer

from cli import options
from cli.authoring.asking import ask
from cli.output import CommandError, Output

app = typer.Typer(add_completion=False, rich_markup_mode="markdown")


@app.command(
    epilog="""
**Examples**

`angarium templates platform --tenant 0190…` – their channels and languages

`angarium templates platform payment-success --tenant 0190…` – what it may show, and how it reads

`angarium templates platform payment-success --language es --out mail.html` – for a browser

`angarium templates platform payment-success --copy mine` – a folder to change; `angarium templates push mine --activate` puts it first
"""
)
def platform(
    name: Annotated[str, typer.Argument(help="Name of a template; without one all are listed.")] = "",
    channel: Annotated[str, typer.Option(help="Channel, where it has several; else e-mail.")] = "",
    language: Annotated[str, typer.Option(help="Language of what is shown; else English.")] = "",
    out_path: Annotated[Path | None, typer.Option("--out", help="File for the page.", dir_okay=False)] = None,
    copy_to: Annotated[
        Path | None, typer.Option("--copy", help="New folder for a copy of it.", file_okay=False)
    ] = None,
    tenant: options.Tenant = "",
    state: options.State = None,
    as_json: options.Json = False,
) -> None:
    """List the platform's templates, show one with its variables, or copy it to say it in your own words."""
    out = Output(as_json=as_json)
    if not name:
        _list(out, ask(tenant, state, _every))
        return
    template, version, preview = ask(tenant, state, lambda service: _one(service, name, channel, language))
    shown = _shown(template, version, preview)
    if copy_to is not None:
        from cli.authoring import folder

        folder.write(copy_to, template, version)
        out.line(
            f"[bold]{template.name}[/] is in {copy_to}: change it, then angarium templates push {copy_to}"
        )
    elif out_path is not None:
        out_path.write_text(preview.body_html or f"<pre>{preview.body_text}</pre>", encoding="utf-8")
        out.line(f"The page is in [bold]{out_path}[/]")
    else:
        _print(out, shown)
    out.result(shown)


async def _every(service: Any) -> list[dict[str, Any]]:
    """Returns the platform's templates by name, with the languages of each channel."""
    from cli.authoring import calls
    from services.common.languages import LANGUAGES

    found: dict[str, dict[str, Any]] = {}
    pages = await asyncio.gather(*(calls.every(service, language_code=one) for one in LANGUAGES))
    for language, page in zip(LANGUAGES, pages, strict=True):
        for one in filter(_is_message, page):
            row = found.setdefault(one.name, {**calls.shown(one), "channels": {}, "about": one.description})
            row["channels"].setdefault(calls.channel_word(one.channel), []).append(language)
    kept = ("name", "category", "type", "about", "channels")
    return [{key: found[name][key] for key in kept} for name in sorted(found)]


async def _one(service: Any, name: str, channel: str, language: str) -> tuple[Any, Any, Any]:
    """Returns a template of the platform with its version and how it reads with samples."""
    from angarium.campaign.v1 import template_service_pb2 as pb
    from cli.authoring import calls

    known = [one for one in await calls.every(service) if _is_message(one) and one.name == name]
    if not known:
        raise CommandError(f"The platform has no template {name}.", "See: angarium templates platform")
    by_word = {calls.channel_word(one.channel): one for one in known}
    chosen = by_word.get(channel) if channel else by_word.get("email", known[0])
    if chosen is None:
        raise CommandError(
            f"{name} is not written for {channel}.", f"It is for {', '.join(sorted(by_word))}."
        )
    read = await service.GetTemplate(pb.GetTemplateRequest(template_id=chosen.template_id))
    preview = await service.PreviewTemplate(
        pb.PreviewTemplateRequest(template_id=chosen.template_id, language_code=language or "en")
    )
    return read.template, read.version, preview


def _is_message(one: Any) -> bool:
    from angarium.campaign.v1 import template_service_pb2 as pb

    return bool(one.is_system) and one.template_type != pb.TEMPLATE_TYPE_LAYOUT


def _shown(template: Any, version: Any, preview: Any) -> dict[str, Any]:
    from cli.authoring import calls, folder

    return {
        **calls.shown(template),
        "languages": [one.language_code for one in version.contents],
        "variables": [folder.variable_shown(one) for one in version.variables],
        "language": preview.language_code,
        "subject": preview.subject,
        "text": preview.body_text,
        "segments": preview.sms_segments,
    }


def _list(out: Output, found: list[dict[str, Any]]) -> None:
    out.table(
        ("name", "category", "channels", "languages"),
        [
            (one["name"], one["category"], ", ".join(one["channels"]),
             ", ".join(dict.fromkeys(each for all_of in one["channels"].values() for each in all_of)))
            for one in found
        ],
    )  # fmt: skip
    out.result({"templates": found})


def _print(out: Output, shown: dict[str, Any]) -> None:
    out.line(f"[bold]{shown['name']}[/] ({shown['channel']}) in {', '.join(shown['languages'])}")
    out.table(
        ("variable", "type", "needed"),
        [(one["name"], one["type"], "yes" if one["required"] else "") for one in shown["variables"]],
    )
    if shown["subject"]:
        out.text("subject", shown["subject"])
    out.text("text", shown["text"])
