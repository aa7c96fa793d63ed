"""Commands that show and judge what is written, and tell others of it: previews, spam, WhatsApp, words."""

import asyncio
from pathlib import Path
from typing import Annotated, Any

import typer

from cli import options
from cli.authoring.asking import Named, Number, ask
from cli.output import FAILURE, Output
from cli.state_folder import StateFolder

app = typer.Typer(add_completion=False, rich_markup_mode="markdown")


@app.command(
    epilog="""
**Examples**

`angarium templates preview autumn --language de --tenant 0190…` – with the samples, in the terminal

`angarium templates preview autumn --contact 0190… --out autumn.html` – as this person would see it, for a browser
"""
)
def preview(
    template: Named,
    language: Annotated[str, typer.Option(help="Language; else the fallback.")] = "",
    contact: Annotated[str, typer.Option(help="Contact whose data is shown.")] = "",
    number: Number = 0,
    out_path: Annotated[Path | None, typer.Option("--out", help="File for the html.", dir_okay=False)] = None,
    tenant: options.Tenant = "",
    state: options.State = None,
    as_json: options.Json = False,
) -> None:
    """Render a version exactly as sending does."""
    from angarium.campaign.v1 import template_service_pb2 as pb
    from cli.authoring import calls

    contact_id = str(options.uuid("--contact", contact)) if contact else ""

    async def asked(service: Any) -> Any:
        found = await calls.named(service, template)
        return await service.PreviewTemplate(
            pb.PreviewTemplateRequest(
                template_id=found.template_id, version=number, language_code=language, contact_id=contact_id
            )
        )

    out = Output(as_json=as_json)
    shown = ask(tenant, state, asked)
    if shown.subject:
        out.line(f"[bold]{shown.language_code}[/]")
        out.text("subject", shown.subject)
    out.text("text", shown.body_text)
    if shown.sms_segments:
        encoding = pb.TextEncoding.Name(shown.encoding).removeprefix("TEXT_ENCODING_")
        out.line(f"{shown.character_count} characters, {encoding}, {shown.sms_segments} segments")
    if shown.missing_variables:
        out.line(f"[bold red]No value for[/] {', '.join(shown.missing_variables)}")
    if out_path is not None:
        out_path.write_text(shown.body_html or f"<pre>{shown.body_text}</pre>", encoding="utf-8")
        out.line(f"The page is in [bold]{out_path}[/]")
    out.result(
        {
            "language": shown.language_code, "subject": shown.subject, "text": shown.body_text,
            "html": shown.body_html, "missing": list(shown.missing_variables), "segments": shown.sms_segments,
            "unsubscribe": shown.has_unsubscribe_link,
        }
    )  # fmt: skip


@app.command(
    epilog="**Example**\n\n`angarium templates spam autumn --tenant 0190…` – the worst language; exit code 1 above 5 points"
)
def spam(
    template: Named,
    number: Number = 0,
    tenant: options.Tenant = "",
    state: options.State = None,
    as_json: options.Json = False,
) -> None:
    """Score a version for spam in every language, and say what would lower the score."""
    from angarium.campaign.v1 import template_service_pb2 as pb
    from cli.authoring import calls

    async def asked(service: Any) -> Any:
        found = await calls.named(service, template)
        return await service.CheckSpamScore(
            pb.CheckSpamScoreRequest(template_id=found.template_id, version=number)
        )

    out = Output(as_json=as_json)
    found = ask(tenant, state, asked)
    colour = "green" if found.is_passed else "red"
    out.line(
        f"[bold {colour}]{found.score} points[/] in {found.language_code}: {', '.join(found.flags) or 'nothing'}"
    )
    for advice in found.recommendations:
        out.line(advice)
    out.result(
        {
            "score": found.score,
            "passed": found.is_passed,
            "flags": list(found.flags),
            "language": found.language_code,
        }
    )
    if not found.is_passed:
        raise typer.Exit(FAILURE)


@app.command(
    "submit-whatsapp",
    epilog="""
**Examples**

`angarium templates submit-whatsapp order --account 0190… --tenant 0190…` – hands the fallback language in

`angarium templates submit-whatsapp order --account 0190… --language de --known` – was handed in on the provider's own pages
""",
)
def submit_whatsapp(
    template: Named,
    account: Annotated[str, typer.Option(help="Id of the WhatsApp account.")],
    language: Annotated[str, typer.Option(help="Language; else the fallback.")] = "",
    number: Number = 0,
    known: Annotated[bool, typer.Option("--known", help="Only look it up at the provider.")] = False,
    tenant: options.Tenant = "",
    state: options.State = None,
    as_json: options.Json = False,
) -> None:
    """Hand a content in for approval by WhatsApp, or ask where it stands."""
    from angarium.campaign.v1 import whatsapp_template_service_pb2 as pb
    from angarium.campaign.v1.whatsapp_template_service_pb2_grpc import WhatsAppTemplateServiceStub
    from cli.authoring import calls
    from services.common.ids import uuid7

    account_id = str(options.uuid("--account", account))
    tenant_id = options.tenant(tenant)
    folder = StateFolder.at(state)

    async def run() -> Any:
        async with calls.templates(folder, tenant_id) as service:
            found = await calls.named(service, template)
        async with calls.templates(folder, tenant_id, WhatsAppTemplateServiceStub) as service:
            return await service.SubmitWhatsAppTemplate(
                pb.SubmitWhatsAppTemplateRequest(
                    template_id=found.template_id, version=number, language_code=language,
                    provider_account_id=account_id, is_known_to_provider=known, idempotency_key=str(uuid7()),
                )
            )  # fmt: skip

    out = Output(as_json=as_json)
    shown = calls.approval_shown(asyncio.run(run()).approval)
    out.line(
        f"[bold]{shown['name']}[/] in {shown['language']} is {shown['state']} {shown['reason']}".rstrip()
    )
    out.result(shown)


@app.command(
    epilog="""
**Examples**

`angarium templates translations --prefix greeting --tenant 0190…`

`angarium templates translations --push words.toml --tenant 0190…` – a table per language: `[de]` and `offer.line = "…"`

`angarium templates translations --remove de:offer.line --tenant 0190…` – the platform's word holds again, where it has one
"""
)
def translations(
    language: Annotated[str, typer.Option(help="Only of this language.")] = "",
    prefix: Annotated[str, typer.Option(help="Only keys that begin so.")] = "",
    push_file: Annotated[
        Path | None, typer.Option("--push", help="TOML to write first.", exists=True, dir_okay=False)
    ] = None,
    remove: Annotated[
        list[str] | None, typer.Option(help="Language and key to remove first, as de:offer.line; several.")
    ] = None,
    tenant: options.Tenant = "",
    state: options.State = None,
    as_json: options.Json = False,
) -> None:
    """List the words that templates name by key, write those of a file, and remove some."""
    from angarium.campaign.v1.translation_service_pb2_grpc import TranslationServiceStub
    from cli.authoring import calls, words
    from cli.authoring import folder as folders

    given = folders.words(push_file) if push_file else []
    gone = [words.named(one) for one in remove or ()]
    tenant_id = options.tenant(tenant)
    folder = StateFolder.at(state)

    async def run() -> list[Any]:
        async with calls.templates(folder, tenant_id, TranslationServiceStub) as service:
            await words.write(service, given)
            await words.remove(service, gone)
            return await words.every(service, language, prefix)

    out = Output(as_json=as_json)
    found = [words.shown(one) for one in asyncio.run(run())]
    if given:
        out.line(f"[bold]{len(given)}[/] translations written; versions take them when they are activated.")
    if gone:
        out.line(
            f"[bold]{len(gone)}[/] translations removed; versions keep them until they are activated again."
        )
    out.table(
        ("key", "language", "words", "whose"),
        [
            (one["key"], one["language"], one["words"], "platform" if one["of_the_platform"] else "tenant")
            for one in found
        ],
    )
    out.result({"translations": found})
