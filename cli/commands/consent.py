"""`angarium consent`: proves consents (W3): receipts that others can check, chains that show every change."""

import asyncio
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer

from cli import options
from cli.output import FAILURE, CommandError, Output, usage
from cli.state_folder import StateFolder

if TYPE_CHECKING:
    from angarium.consent.v1 import ledger_service_pb2

app = typer.Typer(add_completion=False, no_args_is_help=True, rich_markup_mode="markdown")

_OWNER = "super_owner"
_MOST_SHOWN = 40
_FAULTS = {1: "altered", 2: "missing", 3: "moved", 4: "head"}
_MEANINGS = {
    "altered": "the content is not what was recorded",
    "missing": "an entry is not there",
    "moved": "the entry does not follow the one before it",
    "head": "the end of the chain is not the one we wrote",
}


@app.callback()
def consent() -> None:
    """Prove consents."""


@app.command(
    epilog="""
**Examples**

`angarium consent receipt --contact 0190… --tenant 0190…` – into consent-receipt.json and files beside it

`angarium consent receipt --address ann@example.com --tenant 0190… --out proof/ann`

Check one without us: `openssl pkeyutl -verify -pubin -inkey consent-receipt.pem -rawin -in consent-receipt.signed
-sigfile consent-receipt.sig`
"""
)
def receipt(
    contact: Annotated[str, typer.Option(help="Id of the contact.")] = "",
    address: Annotated[str, typer.Option(help="E-mail address or phone number of somebody.")] = "",
    tenant: options.Tenant = "",
    out_path: Annotated[
        Path, typer.Option("--out", help="Where to; endings are put behind it.", dir_okay=False)
    ] = Path("consent-receipt"),
    state: options.State = None,
    as_json: options.Json = False,
) -> None:
    """Write a signed receipt of a person's consents.

    Writes five files: .json (the document, exactly as signed), .jws (the detached signature), and for tools that know
    no JWS .signed (the bytes that are signed), .sig (the bare signature) and .pem (the public key).
    """
    out = Output(as_json=as_json)
    if bool(contact) == bool(address):
        usage("A receipt is about one person.", "Name one: --contact <id> – or --address <address>")
    contact_id = _uuid("--contact", contact) if contact else None
    tenant_id = _tenant(tenant)
    found, pem = asyncio.run(_receipt(StateFolder.at(state), tenant_id, contact_id, address))
    files = {
        ".json": found.document,
        ".jws": found.signature.encode(),
        ".signed": found.signed_bytes,
        ".sig": found.raw_signature,
        ".pem": pem.encode(),
    }
    written = {ending: out_path.with_name(out_path.name + ending) for ending in files}
    for ending, content in files.items():
        _write(written[ending], content)
    out.line(
        f"[bold green]Signed[/] with key {found.key_id}: {written['.json']}, and beside it what checks it:"
    )
    out.text(
        "openssl",
        f"pkeyutl -verify -pubin -inkey {written['.pem']} -rawin -in {written['.signed']} -sigfile {written['.sig']}",
    )
    out.result(
        {
            "key_id": found.key_id,
            "signature": found.signature,
            "files": {ending.removeprefix("."): str(path) for ending, path in written.items()},
        }
    )


@app.command(
    epilog="""
**Examples**

`angarium consent verify --tenant 0190…` – every chain of the tenant; exit code 1 when anything is wrong

`angarium consent verify --tenant 0190… --contact 0190…` – one person's

`angarium consent verify --tenant 0190… --json | jq '.findings[]'` – for a monitor
"""
)
def verify(
    tenant: options.Tenant = "",
    contact: Annotated[str, typer.Option(help="Only the chain of this contact.")] = "",
    state: options.State = None,
    as_json: options.Json = False,
) -> None:
    """Verify the chains of consents: recompute every hash and every seal.

    Names each entry that was altered, removed or moved, and each chain whose end is not the one the service wrote. Exit
    code 1 when there is any.
    """
    out = Output(as_json=as_json)
    contact_id = _uuid("--contact", contact) if contact else None
    tenant_id = _tenant(tenant)
    with out.progress("Verifying") as advance:
        last, findings = asyncio.run(_verify(StateFolder.at(state), tenant_id, contact_id, advance))
    rows = [_finding(one) for one in findings]
    out.line(f"[bold]{last.checked_entries:,}[/] entries in [bold]{last.checked_chains:,}[/] chains")
    if rows:
        out.line(f"[bold red]{len(rows):,} findings[/]")
        out.table(
            ("fault", "chain", "entry", "contact", ""),
            [
                (row["fault"], row["chain_id"], row["sequence"], row["contact_id"], _MEANINGS[row["fault"]])
                for row in rows[:_MOST_SHOWN]
            ],
        )
        if len(rows) > _MOST_SHOWN:
            out.line(f"… and {len(rows) - _MOST_SHOWN:,} more; --json lists them all")
    else:
        out.line("[bold green]Whole: nothing was altered, removed or moved.[/]")
    out.result(
        {
            "entries": last.checked_entries,
            "chains": last.checked_chains,
            "findings": rows,
            "whole": not rows,
        }
    )
    if rows:
        raise typer.Exit(FAILURE)


async def _receipt(
    folder: StateFolder, tenant_id: UUID | None, contact_id: UUID | None, address: str
) -> "tuple[ledger_service_pb2.ExportConsentReceiptResponse, str]":
    from angarium.consent.v1 import consent_pb2, ledger_service_pb2, ledger_service_pb2_grpc
    from cli.client import PersonChannels, client_settings

    subject = (
        consent_pb2.Subject(contact_id=str(contact_id))
        if contact_id
        else consent_pb2.Subject(address=address)
    )
    async with PersonChannels(client_settings(folder), tenant_id=tenant_id, role=_OWNER) as channels:
        stub = channels.stub(ledger_service_pb2_grpc.LedgerServiceStub, "consent")
        found = await stub.ExportConsentReceipt(
            ledger_service_pb2.ExportConsentReceiptRequest(subject=subject)
        )
        keys = (await stub.ListReceiptKeys(ledger_service_pb2.ListReceiptKeysRequest(page_size=1))).keys
    pem = next((key.pem for key in keys if key.key_id == found.key_id), "")
    return found, pem


async def _verify(
    folder: StateFolder, tenant_id: UUID | None, contact_id: UUID | None, advance: Callable[[int], None]
) -> "tuple[ledger_service_pb2.VerifyConsentLedgerResponse, list[ledger_service_pb2.LedgerFinding]]":
    from angarium.consent.v1 import ledger_service_pb2, ledger_service_pb2_grpc
    from cli.client import PersonChannels, client_settings

    last = ledger_service_pb2.VerifyConsentLedgerResponse()
    findings: list[ledger_service_pb2.LedgerFinding] = []
    request = ledger_service_pb2.VerifyConsentLedgerRequest(contact_id=str(contact_id or ""))
    async with PersonChannels(client_settings(folder), tenant_id=tenant_id, role=_OWNER) as channels:
        stub = channels.stub(ledger_service_pb2_grpc.LedgerServiceStub, "consent")
        async for response in stub.VerifyConsentLedger(request):
            advance(response.checked_entries - last.checked_entries)
            findings += response.findings
            last = response
    return last, findings


def _finding(found: "ledger_service_pb2.LedgerFinding") -> dict[str, Any]:
    return {
        "fault": _FAULTS[found.fault],
        "chain_id": found.chain_id,
        "sequence": found.sequence,
        "contact_id": found.contact_id,
        "entry_id": found.consent_audit_entry_id,
    }


def _write(path: Path, content: bytes) -> None:
    try:
        path.write_bytes(content)
    except OSError as error:
        raise CommandError(
            f"{path} cannot be written: {error.strerror}.", "Name another place: --out"
        ) from error


def _tenant(text: str) -> UUID | None:
    if text:
        return _uuid("--tenant", text)
    if not os.environ.get("ANGARIUM_TOKEN"):
        usage("Nobody knows whose consents these are.", "Name the tenant: --tenant <id>")
    return None


def _uuid(option: str, text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        usage(f"{option} {text!r} is no id.", "Ids look like 01905e6c-8b1a-7cc0-8000-000000000000")
