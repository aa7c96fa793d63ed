"""`angarium privacy`: people's own data (W10): exports of all that is known, erasures with a signed receipt."""

import asyncio
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from cli import options
from cli.output import FAILURE, CommandError, Output, usage
from cli.privacy import calls, showing
from cli.state_folder import StateFolder

if TYPE_CHECKING:
    from angarium.consent.v1 import privacy_service_pb2

app = typer.Typer(add_completion=False, no_args_is_help=True, rich_markup_mode="markdown")

Contact = Annotated[str, typer.Option(help="Id of the contact.")]
VerifiedBy = Annotated[
    str,
    typer.Option(
        help="How the person's identity was checked, for example `passport, in person`; never who they are."
    ),
]
Wait = Annotated[
    int, typer.Option(help="Seconds to wait until it is done; 0 returns at once.", min=0, max=86_400)
]
RequestId = Annotated[str, typer.Argument(help="Id of the request.")]


@app.callback()
def privacy() -> None:
    """Export and erase people's data."""


@app.command(
    epilog="""
**Examples**

`angarium privacy export --contact 0190… --verified-by passport --tenant 0190…` – JSON files, and a page to read

`angarium privacy export --contact 0190… --verified-by passport --csv --wait 120 --out ann.zip` – CSV files too, and downloaded
"""
)
def export(
    contact: Contact,
    verified_by: VerifiedBy,
    tenant: options.Tenant = "",
    csv: Annotated[bool, typer.Option("--csv", help="CSV files beside the JSON files.")] = False,
    wait: Wait = 0,
    out_path: Annotated[
        Path | None,
        typer.Option("--out", help="Download the archive to this file once it is done.", dir_okay=False),
    ] = None,
    state: options.State = None,
    as_json: options.Json = False,
) -> None:
    """Gather everything that is known of a contact, from all services, in one archive.

    The archive is a ZIP: a JSON file per collection, a page to read, and a manifest of row counts and hashes. It is kept,
    encrypted, for seven days.
    """
    out = Output(as_json=as_json)
    if out_path is not None:
        _refuse_existing(out_path)
    contact_id, tenant_id = _uuid("--contact", contact), _tenant(tenant)
    folder = StateFolder.at(state)
    seconds = wait or (300 if out_path else 0)
    with out.progress("Gathering") as advance:
        found = asyncio.run(calls.export(folder, tenant_id, contact_id, verified_by, csv, seconds, advance))
    showing.show(out, found)
    if out_path is not None:
        if showing.word_of(found) != "completed":
            raise CommandError(
                "The export is not done yet.",
                f"Later: angarium privacy download {found.privacy_request_id} --out {out_path}",
            )
        _download(out, folder, tenant_id, found.privacy_request_id, out_path)
    out.result(showing.row(found))


@app.command(
    epilog="""
**Examples**

`angarium privacy erase --contact 0190… --verified-by passport --reason "asked by letter" --confirm "erase 0190…"`

`angarium privacy erase … --wait 300 --receipt erased.json` – wait, and write the signed receipt
"""
)
def erase(  # noqa: PLR0917 - options, each named on the command line
    contact: Contact,
    verified_by: VerifiedBy,
    reason: Annotated[str, typer.Option(help="Why, in a few words.")],
    confirm: Annotated[str, typer.Option(help="`erase <contact id>`; asked for when it is not given.")] = "",
    tenant: options.Tenant = "",
    wait: Wait = 0,
    receipt: Annotated[
        Path | None,
        typer.Option(help="Write the signed receipt to this file, its signature beside it.", dir_okay=False),
    ] = None,
    state: options.State = None,
    as_json: options.Json = False,
) -> None:
    """Erase a contact in every service; it cannot be undone.

    Nobody writes to the contact any more as soon as this returns. The address stays suppressed for marketing by a keyed
    hash, so that importing the person again does not mail them.
    """
    out = Output(as_json=as_json)
    contact_id, tenant_id = _uuid("--contact", contact), _tenant(tenant)
    phrase = f"erase {contact_id}"
    if not confirm and not as_json:
        confirm = typer.prompt(f"This cannot be undone. Type `{phrase}` to go on")
    if confirm.strip() != phrase:
        usage("The erasure is not confirmed.", f'Say so: --confirm "{phrase}"')
    if receipt is not None:
        _refuse_existing(receipt)
    seconds = wait or (300 if receipt else 0)
    with out.progress("Erasing") as advance:
        found = asyncio.run(
            calls.erase(
                StateFolder.at(state), tenant_id, contact_id, verified_by, reason, phrase, seconds, advance
            )
        )
    showing.show(out, found)
    if receipt is not None:
        _write_receipt(out, found, receipt)
    out.result(showing.row(found))


@app.command(
    epilog="""
**Examples**

`angarium privacy status --tenant 0190…` – the newest requests

`angarium privacy status 0190… --tenant 0190…` – one request with what each service did

`angarium privacy status 0190… --json | jq -r '.receipt.document'` – the receipt of an erasure
"""
)
def status(
    request_id: Annotated[
        str, typer.Argument(help="Id of the request; without it, the newest are listed.")
    ] = "",
    tenant: options.Tenant = "",
    contact: Annotated[str, typer.Option(help="Only requests about this contact.")] = "",
    state: options.State = None,
    as_json: options.Json = False,
) -> None:
    """Show requests and what each service did for them.

    Exit code 1 when a listed request is overdue or has failed.
    """
    out = Output(as_json=as_json)
    tenant_id = _tenant(tenant)
    wanted = _uuid("the request", request_id) if request_id else None
    about = _uuid("--contact", contact) if contact else None
    rows = asyncio.run(calls.status(StateFolder.at(state), tenant_id, wanted, about))
    if wanted is not None:
        showing.show(out, rows[0])
        out.result(showing.row(rows[0]))
    else:
        out.table(
            ("request", "kind", "state", "contact", "asked", "due"),
            [
                (
                    one.privacy_request_id,
                    showing.kind_of(one),
                    showing.word_of(one),
                    one.contact_id,
                    showing.at(one.create_time),
                    showing.at(one.due_time),
                )
                for one in rows
            ],
        )
        if not rows:
            out.line("Nobody has asked for anything.")
        out.result({"requests": [showing.row(one) for one in rows]})
    if any(showing.word_of(one) == "failed" or showing.is_overdue(one) for one in rows):
        raise typer.Exit(FAILURE)


@app.command(
    epilog="""
**Example**

`angarium privacy download 0190… --out ann.zip --tenant 0190…` – until seven days after the export; each download is audited
"""
)
def download(
    request_id: RequestId,
    out_path: Annotated[Path, typer.Option("--out", help="Where to.", dir_okay=False)],
    tenant: options.Tenant = "",
    state: options.State = None,
    as_json: options.Json = False,
) -> None:
    """Download the archive of a finished export, decrypted; keep it safe, it holds a person's data."""
    out = Output(as_json=as_json)
    _refuse_existing(out_path)
    size = _download(
        out, StateFolder.at(state), _tenant(tenant), str(_uuid("the request", request_id)), out_path
    )
    out.result({"file": str(out_path), "bytes": size})


def _download(out: Output, folder: StateFolder, tenant_id: UUID | None, request_id: str, path: Path) -> int:
    try:
        with out.progress("Downloading") as advance:
            size = asyncio.run(calls.download(folder, tenant_id, request_id, path, advance))
    except OSError as error:
        raise CommandError(f"{path} cannot be written: {error.strerror}.", "Name another --out.") from None
    out.line(f"[bold green]Downloaded[/] {path}, {size:,} bytes. It holds a person's data: keep it safe.")
    return size


def _write_receipt(out: Output, found: "privacy_service_pb2.PrivacyRequest", path: Path) -> None:
    if not found.HasField("receipt"):
        raise CommandError(
            "The erasure is not done yet; nobody writes to the contact any more all the same.",
            f"Later: angarium privacy status {found.privacy_request_id} --json",
        )
    signature = path.with_name(path.name + ".jws")
    try:
        path.write_bytes(found.receipt.document)
        signature.write_text(found.receipt.signature)
    except OSError as error:
        raise CommandError(
            f"{path} cannot be written: {error.strerror}.", "Name another --receipt."
        ) from None
    out.line(f"[bold green]Signed[/] with key {found.receipt.key_id}: {path}, and {signature}")


def _refuse_existing(path: Path) -> None:
    if path.exists():
        raise CommandError(f"{path} exists.", "Name another file, or remove it.")


def _uuid(name: str, text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        usage(f"{name} is not a UUID: {text}", "An id looks like 0190a0a0-0000-7000-8000-000000000001.")


def _tenant(text: str) -> UUID | None:
    if text:
        return _uuid("--tenant", text)
    if not os.environ.get("ANGARIUM_TOKEN"):
        usage("Nobody knows whose data this is.", "Name the tenant: --tenant <id>")
    return None
