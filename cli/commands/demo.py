"""`angarium demo`: the whole path on made-up contacts, proved against the recipients' own log."""

import asyncio
import json
import os
import signal
import sys
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.demo.people import SEED
from cli.demo.wish import Fault, Kill, Wish
from cli.output import FAILURE, CommandError, report, usage
from cli.spelling import spelled
from cli.state_folder import DEFAULT, VARIABLE, StateFolder

if TYPE_CHECKING:
    from cli.demo.run import Finished
    from cli.demo.stage import Stage

app = typer.Typer(add_completion=False, rich_markup_mode="markdown")

_INTERRUPTED = 130
_TOKEN_LIFE = timedelta(hours=8)


@app.command(
    epilog="""
**Examples**

`angarium demo` – 2,500 made-up people, about a minute

`angarium demo --recipients 20000 --workers 4` – more of them

`angarium demo --contacts people.csv` – your own file; its columns are in docs/import.md

`angarium demo --keep` – leaves everything running: the mailbox page, the gateway, a token, calls to try

`angarium demo --kill delivery-worker-1@1 --kill campaign@0.2` – the report stays the same

`angarium demo --fault server_error@0.1 --fault timeout_after@0.05 --fault webhook_duplicate@0.2` – so it does when
providers fail; docs/reliability.md names the kinds
"""
)
def demo(  # noqa: PLR0917 - options, each named on the command line
    contacts: Annotated[
        Path | None, typer.Option(help="CSV file of contacts.", dir_okay=False, show_default="made-up people")
    ] = None,
    recipients: Annotated[
        int | None,
        typer.Option(help="How many people to make up.", min=1, max=1_000_000, show_default="2500"),
    ] = None,
    seed: Annotated[str, typer.Option(help="Who the made-up people are, and what everybody does.")] = SEED,
    json_file: Annotated[
        Path | None, typer.Option("--json", help="Write the report into this file, as JSON.", dir_okay=False)
    ] = None,
    keep: Annotated[bool, typer.Option("--keep", help="Leave everything running until Ctrl-C.")] = False,
    workers: Annotated[int, typer.Option(help="Delivery workers.", min=1, max=64)] = 2,
    kill: Annotated[
        list[str] | None,
        typer.Option(
            help="End ROLE[@SECONDS after the launch] by SIGKILL; may be repeated.", show_default=False
        ),
    ] = None,
    fault: Annotated[
        list[str] | None,
        typer.Option(
            help="Have providers do KIND[@SHARE of requests or webhooks] while the campaign runs; may be repeated.",
            show_default=False,
        ),
    ] = None,
    state: Annotated[
        Path | None,
        typer.Option(
            "--state",
            help="Folder of the demo, emptied first.",
            show_default=".angarium/demo",
            file_okay=False,
        ),
    ] = None,
) -> None:
    """Show the whole path on made-up contacts, and prove its report.

    Starts the stack in a folder of its own, imports contacts with consents and bad rows, plans a campaign with an A/B
    test, has it approved by a second person and sends it to simulated people, who open, click, bounce, complain and
    unsubscribe through the real gateway; then texts those with a phone, some of whom answer STOP. At the end every
    figure is compared with the recipients' own log; exit code 1 when any differs. Ctrl-C drains at any time.
    """
    if contacts is not None and recipients is not None:
        usage("A file has the people it has.", "Give --contacts or --recipients, not both.")
    if contacts is not None and not contacts.is_file():
        usage(f"There is no file {contacts}.", "Check the name.")
    # A token for another installation must not be sent to this one.
    os.environ.pop("ANGARIUM_TOKEN", None)
    wish = Wish(
        contacts,
        recipients,
        seed,
        workers,
        keep,
        tuple(Kill.parse(text) for text in kill or ()),
        tuple(Fault.parse(text) for text in fault or ()),
    )
    folder = StateFolder.at(state or Path(os.environ.get(VARIABLE) or DEFAULT) / "demo")
    raise typer.Exit(asyncio.run(_until_interrupted(wish, folder, json_file)))


async def _until_interrupted(wish: Wish, folder: StateFolder, json_file: Path | None) -> int:
    """Plays the demo; a first Ctrl-C drains, a second one ends everything at once."""
    playing = asyncio.create_task(_play(wish, folder, json_file))
    interrupts = 0

    def interrupted() -> None:
        nonlocal interrupts
        interrupts += 1
        if interrupts == 1:
            playing.cancel()
        else:
            # The roles end with the process that started them.
            os._exit(_INTERRUPTED)

    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, interrupted)
    try:
        return await playing
    except asyncio.CancelledError:
        return _INTERRUPTED
    except Exception as error:
        # With --json FILE people still read what goes wrong.
        code = report(error, as_json=False)
        if code is None:
            raise
        return code


async def _play(wish: Wish, folder: StateFolder, json_file: Path | None) -> int:
    from cli.demo.run import played
    from cli.demo.stage import Stage

    stage = Stage()
    stage.line("\n[bold]Angarium[/]  [dim]from a file of contacts to a proved report[/]\n")
    is_proved = False
    async with played(wish, folder, stage) as finished:
        is_proved = finished.report.is_proved
        finished.report.show(stage)
        _write(json_file, finished, stage)
        if wish.keep:
            await _keep(finished, stage)
        else:
            stage.line("[dim]Look around yourself: --keep leaves everything running.[/]\n")
    if not is_proved:
        stage.line(f"[dim]What the roles wrote is in {folder.logs}[/]")
    return 0 if is_proved else FAILURE


def _write(json_file: Path | None, finished: "Finished", stage: "Stage") -> None:
    if json_file is None:
        return
    document = finished.report.document(stage.seconds, finished.seconds_to_ready)
    try:
        json_file.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    except OSError as error:
        raise CommandError(
            f"{json_file} cannot be written: {error.strerror}.", "Name another file."
        ) from error


async def _keep(finished: "Finished", stage: "Stage") -> None:
    """Prints what can be looked at, and waits for Ctrl-C."""
    from cli.demo.sandbox import SandboxClient
    from services.common.security.jwt import issue_neighbour, issue_person

    stack, cast = finished.stack, finished.cast
    installation = stack.installation
    token = issue_person(stack.client_settings, cast.tenant_id, "ada", ("super_owner",), ttl=_TOKEN_LIFE)
    app_token = issue_neighbour(stack.client_settings, cast.tenant_id, "app", ttl=_TOKEN_LIFE)
    async with SandboxClient(installation.sandbox_url) as sandbox:
        inboxes = await sandbox.show_inboxes(installation.address("delivery"), app_token)
    campaign = finished.report.ids["campaign"]
    state = installation.state.path
    stage.line("\n[bold]Everything is left running.[/] Ctrl-C drains it.\n")
    for name, place in (
        ("mailbox", installation.sandbox_url),
        ("app", inboxes),
        ("gateway", installation.gateway_url),
        *(
            (service, installation.address(service))
            for service in ("consent", "campaign", "delivery", "analytics")
        ),
    ):
        stage.line(f"  {name:<10} {place}")
    stage.line("\n[dim]A token of ada, good for 8 hours:[/]")
    _plain(f"TOKEN={token}")
    stage.line("\n[dim]Calls to try:[/]")
    bearer = '-H "authorization: Bearer $TOKEN"'
    body = f'-d \'{{"campaign_id": "{campaign}"}}\''
    _plain(f"grpcurl -plaintext {installation.address('campaign')} list")
    _plain(
        f"grpcurl -plaintext {bearer} {body} {installation.address('analytics')} "
        "angarium.analytics.v1.ReportService/GetCampaignReport"
    )
    _plain(
        f"grpcurl -plaintext {bearer} {body} {installation.address('campaign')} "
        "angarium.campaign.v1.CampaignService/ReconcileCampaign"
    )
    stage.line("\n[dim]In another terminal:[/]")
    _plain(spelled(f"angarium console --state {state} --tenant {cast.tenant_id}"))
    _plain(spelled(f"angarium status --state {state}"))
    _plain(spelled(f"angarium reconcile --state {state} --tenant {cast.tenant_id} --campaign {campaign}"))
    sys.stdout.flush()
    with suppress(asyncio.CancelledError):
        await asyncio.Event().wait()


def _plain(text: str) -> None:
    """Prints a line to be copied: never wrapped, never styled."""
    print(text, flush=True)
