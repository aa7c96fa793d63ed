"""`angarium privacy`: people's own data (W10): exports of all that is known, erasures with a signed receipt."""

import asyncio
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Self
from uuid import UUID

import typer

from cli import options
from cli.output import FAILURE, CommandError, Output, usage
from cli.state_folder import StateFolder

if TYPE_CHECKING:
    from angarium.consent.v1 import privacy_service_pb2

app = typer.Typer(add_completion=False, no_args_is_help=True, rich_markup_mode="markdown")

_OWNER = "super_owner"
_POLL_SECONDS = 2.0
_OPEN = ("received", "running")

Tenant = Annotated[str, typer.Option(help="Id of the tenant; the token of ANGARIUM_TOKEN knows it.")]
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
    tenant: Tenant = "",
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
        found = asyncio.run(_export(folder, tenant_id, contact_id, verified_by, csv, seconds, advance))
    _show(out, found)
    if out_path is not None:
        if _word(found) != "completed":
            raise CommandError(
                "The export is not done yet.",
                f"Later: angarium privacy download {found.privacy_request_id} --out {out_path}",
            )
        _download(out, folder, tenant_id, found.privacy_request_id, out_path)
    out.result(_row(found))


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
    tenant: Tenant = "",
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
            _erase(
                StateFolder.at(state), tenant_id, contact_id, verified_by, reason, phrase, seconds, advance
            )
        )
    _show(out, found)
    if receipt is not None:
        _write_receipt(out, found, receipt)
    out.result(_row(found))


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
    tenant: Tenant = "",
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
    rows = asyncio.run(_status(StateFolder.at(state), tenant_id, wanted, about))
    if wanted is not None:
        _show(out, rows[0])
        out.result(_row(rows[0]))
    else:
        out.table(
            ("request", "kind", "state", "contact", "asked", "due"),
            [
                (
                    one.privacy_request_id,
                    _kind(one),
                    _word(one),
                    one.contact_id,
                    _at(one.create_time),
                    _at(one.due_time),
                )
                for one in rows
            ],
        )
        if not rows:
            out.line("Nobody has asked for anything.")
        out.result({"requests": [_row(one) for one in rows]})
    if any(_word(one) == "failed" or _is_overdue(one) for one in rows):
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
    tenant: Tenant = "",
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


# Calls


async def _export(
    folder: StateFolder,
    tenant_id: UUID | None,
    contact_id: UUID,
    verified_by: str,
    csv: bool,
    seconds: int,
    advance: Callable[[int], None],
) -> "privacy_service_pb2.PrivacyRequest":
    from angarium.consent.v1 import privacy_service_pb2 as pb

    async with _Caller(folder, tenant_id) as caller:
        made = await caller.stub.CreateExport(
            pb.CreateExportRequest(
                contact_id=str(contact_id),
                format=pb.PrivacyRequest.FORMAT_CSV if csv else pb.PrivacyRequest.FORMAT_JSON,
                requester_verified_by=verified_by,
            )
        )
        return await caller.until_done(made.privacy_request, seconds, advance)


async def _erase(
    folder: StateFolder,
    tenant_id: UUID | None,
    contact_id: UUID,
    verified_by: str,
    reason: str,
    phrase: str,
    seconds: int,
    advance: Callable[[int], None],
) -> "privacy_service_pb2.PrivacyRequest":
    from angarium.consent.v1 import privacy_service_pb2 as pb

    async with _Caller(folder, tenant_id) as caller:
        made = await caller.stub.CreateErasure(
            pb.CreateErasureRequest(
                contact_id=str(contact_id),
                reason=reason,
                confirmation_phrase=phrase,
                requester_verified_by=verified_by,
            )
        )
        return await caller.until_done(made.privacy_request, seconds, advance)


async def _status(
    folder: StateFolder, tenant_id: UUID | None, wanted: UUID | None, contact_id: UUID | None
) -> "list[privacy_service_pb2.PrivacyRequest]":
    from angarium.consent.v1 import privacy_service_pb2 as pb

    async with _Caller(folder, tenant_id) as caller:
        if wanted is not None:
            return [await caller.get(str(wanted))]
        answer = await caller.stub.ListPrivacyRequests(
            pb.ListPrivacyRequestsRequest(contact_id=str(contact_id or ""))
        )
        return list(answer.privacy_requests)


async def _pieces(
    folder: StateFolder, tenant_id: UUID | None, request_id: str, path: Path, advance: Callable[[int], None]
) -> int:
    from angarium.consent.v1 import privacy_service_pb2 as pb

    size, beside = 0, path.with_name(path.name + ".part")
    async with _Caller(folder, tenant_id) as caller:
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            async for piece in caller.stub.DownloadExport(
                pb.DownloadExportRequest(privacy_request_id=request_id)
            ):
                file.write(piece.data)
                size += len(piece.data)
                advance(len(piece.data))
    beside.replace(path)
    return size


class _Caller:
    """The stub of the service while a command lasts."""

    def __init__(self, folder: StateFolder, tenant_id: UUID | None) -> None:
        from cli.client import PersonChannels, client_settings

        self._channels = PersonChannels(client_settings(folder), tenant_id=tenant_id, role=_OWNER)
        self.stub: Any = None

    async def __aenter__(self) -> Self:
        from angarium.consent.v1 import privacy_service_pb2_grpc

        await self._channels.__aenter__()
        self.stub = self._channels.stub(privacy_service_pb2_grpc.PrivacyServiceStub, "consent")
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._channels.close()

    async def get(self, request_id: str) -> "privacy_service_pb2.PrivacyRequest":
        """Returns a request."""
        from angarium.consent.v1 import privacy_service_pb2 as pb

        answer = await self.stub.GetPrivacyRequest(pb.GetPrivacyRequestRequest(privacy_request_id=request_id))
        found: pb.PrivacyRequest = answer.privacy_request
        return found

    async def until_done(
        self, request: "privacy_service_pb2.PrivacyRequest", seconds: int, advance: Callable[[int], None]
    ) -> "privacy_service_pb2.PrivacyRequest":
        """Returns a request once it is done, or as it stands when the time is over."""
        ends, told = time.monotonic() + seconds, 0
        while _word(request) in _OPEN and time.monotonic() < ends:
            await asyncio.sleep(_POLL_SECONDS)
            request = await self.get(request.privacy_request_id)
            done = sum(part.HasField("complete_time") for part in request.parts)
            advance(done - told)
            told = done
        return request


# Showing


def _show(out: Output, found: "privacy_service_pb2.PrivacyRequest") -> None:
    out.line(
        f"[bold]{_kind(found)}[/] {found.privacy_request_id}: [bold]{_word(found)}[/], due {_at(found.due_time)}"
    )
    out.table(
        ("service", "step", "state", "rows", "remaining", "tries", "last error"),
        [
            (part.service, part.action, _state(part.state), part.row_count, part.remaining_count, part.attempt_count, part.error)
            for part in found.parts
        ],
    )  # fmt: skip
    if found.failure_reason:
        out.text("reason", found.failure_reason)
    if _word(found) == "completed" and found.result_size:
        out.line(
            f"{found.result_size:,} bytes, until {_at(found.result_expire_time)}:"
            f" angarium privacy download {found.privacy_request_id} --out <file>"
        )
    if found.HasField("receipt"):
        out.line(
            f"[bold green]Erased and verified.[/] The receipt is signed with key {found.receipt.key_id}."
        )


def _row(found: "privacy_service_pb2.PrivacyRequest") -> dict[str, Any]:
    row: dict[str, Any] = {
        "privacy_request_id": found.privacy_request_id,
        "contact_id": found.contact_id,
        "kind": _kind(found),
        "state": _word(found),
        "asked": _at(found.create_time),
        "due": _at(found.due_time),
        "completed": _at(found.complete_time) if found.HasField("complete_time") else None,
        "failure_reason": found.failure_reason,
        "parts": [
            {
                "service": part.service,
                "action": part.action,
                "state": _state(part.state),
                "rows": part.row_count,
                "remaining": part.remaining_count,
                "attempts": part.attempt_count,
                "error": part.error,
            }
            for part in found.parts
        ],
    }
    if found.result_size:
        row |= {"result_bytes": found.result_size, "result_expires": _at(found.result_expire_time)}
    if found.HasField("receipt"):
        row["receipt"] = {
            "document": found.receipt.document.decode(),
            "signature": found.receipt.signature,
            "key_id": found.receipt.key_id,
        }
    return row


def _kind(found: "privacy_service_pb2.PrivacyRequest") -> str:
    return {1: "export", 2: "erasure"}.get(found.kind, "")


def _word(found: "privacy_service_pb2.PrivacyRequest") -> str:
    return _state(found.state)


def _state(number: int) -> str:
    return {1: "received", 2: "running", 3: "completed", 4: "failed", 5: "rejected"}.get(number, "")


def _at(stamp: Any) -> str:
    return f"{stamp.ToDatetime():%Y-%m-%d %H:%M} UTC"


def _is_overdue(found: "privacy_service_pb2.PrivacyRequest") -> bool:
    return _word(found) in _OPEN and found.due_time.seconds < time.time()


# Files and arguments


def _download(out: Output, folder: StateFolder, tenant_id: UUID | None, request_id: str, path: Path) -> int:
    try:
        with out.progress("Downloading") as advance:
            size = asyncio.run(_pieces(folder, tenant_id, request_id, path, advance))
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
