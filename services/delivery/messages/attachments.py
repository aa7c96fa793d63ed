"""Files of messages: which are taken, and how they are kept until the content's time is over (DEL-60)."""

import re
from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

from angarium.delivery.v1 import message_service_pb2 as pb
from services.common.db.uow import UnitOfWork
from services.common.security.envelope import Envelope
from services.delivery import columns
from services.delivery.messages.media import MediaFile

MOST_FILES: Final = 10
MOST_BYTES: Final = 10 * 1024 * 1024

_NAME: Final = re.compile(r"[^\x00-\x1f\x7f/\\:*?\"<>|\u202a-\u202e\u2066-\u2069]{1,255}")
_TYPE: Final = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,62}/[a-z0-9][a-z0-9!#$&^_.+-]{0,62}", re.IGNORECASE)
_INLINE: Final = re.compile(r"[A-Za-z0-9._+@-]{1,100}")

_ENDINGS: Final = frozenset(
    [
        "ade",
        "adp",
        "apk",
        "appx",
        "appxbundle",
        "app",
        "bas",
        "bat",
        "cab",
        "chm",
        "cmd",
        "com",
        "cpl",
        "command",
        "deb",
        "dll",
        "dmg",
        "exe",
        "gadget",
        "hta",
        "inf",
        "ins",
        "iso",
        "isp",
        "jar",
        "jnlp",
        "js",
        "jse",
        "lib",
        "lnk",
        "mde",
        "msc",
        "msi",
        "msix",
        "msixbundle",
        "msp",
        "mst",
        "nsh",
        "osx",
        "pif",
        "pkg",
        "ps1",
        "psm1",
        "py",
        "pyc",
        "rb",
        "reg",
        "run",
        "scr",
        "sct",
        "sh",
        "shb",
        "sys",
        "vb",
        "vbe",
        "vbs",
        "vhd",
        "vxd",
        "wsc",
        "wsf",
        "wsh",
        "xll",
    ]
)
"""Endings by which a system starts a file instead of showing it."""

_TYPES: Final = frozenset(
    """application/x-msdownload application/x-msdos-program application/x-executable application/x-dosexec
    application/x-elf application/x-mach-binary application/x-sh application/x-shellscript application/x-csh
    application/x-bat application/hta application/java-archive application/x-java-archive application/javascript
    text/javascript application/x-javascript application/x-msi application/x-ms-installer
    application/vnd.microsoft.portable-executable application/vnd.android.package-archive application/x-apple-diskimage application/x-iso9660-image text/x-python
    text/x-shellscript application/x-ms-shortcut application/x-powershell""".split()  # noqa: SIM905
)

_BEGINNINGS: Final = (
    b"MZ",
    b"\x7fELF",
    b"#!",
    b"\xca\xfe\xba\xbe",
    b"\xfe\xed\xfa",
    b"\xcf\xfa\xed\xfe",
    b"\xce\xfa\xed\xfe",
)
"""How executables begin, whatever they are called."""

_INSERT: Final = """
INSERT INTO attachment (tenant_id, content_id, number, media_id, sealed)
SELECT %(tenant_id)s, %(content_id)s, (r.n - 1)::smallint, r.media_id, r.sealed
FROM unnest(%(media)b::uuid[], %(sealed)b::bytea[]) WITH ORDINALITY AS r (media_id, sealed, n)
"""

_LOAD: Final = """
SELECT uuid_send(content_id), number, sealed FROM attachment
WHERE tenant_id = %(tenant_id)s AND content_id = ANY (%(contents)b::uuid[]) ORDER BY content_id, number
"""


def problems(files: Sequence[pb.Attachment], media: Mapping[UUID, MediaFile]) -> list[tuple[str, str]]:
    """Returns what is wrong with the files of a content, by field."""
    wrong: list[tuple[str, str]] = []
    total = 0
    for place, file in enumerate(files):
        field = f"content.attachments[{place}]"
        if bool(file.content) == bool(file.media_id):
            wrong.append((field, "has either content or the id of a media asset"))
            continue
        known = media.get(UUID(file.media_id)) if file.media_id else None
        if file.media_id and known is None:
            wrong.append((f"{field}.media_id", "is no media asset"))
        total += known.size if known else len(file.content)
        wrong += [(f"{field}.{name}", text) for name, text in _wrong(file)]
    if total > MOST_BYTES:
        wrong.append(("content.attachments", "must be at most 10 MB together"))
    inline = [file.inline_id for file in files if file.inline_id]
    if len(set(inline)) < len(inline):
        wrong.append(("content.attachments", "have one inline_id twice"))
    return wrong


def _wrong(file: pb.Attachment) -> list[tuple[str, str]]:
    wrong = []
    if not _NAME.fullmatch(file.filename) or file.filename.strip(". ") == "":
        wrong.append(("filename", "must be a name without path and control characters"))
    elif _ENDINGS & set(file.filename.lower().rstrip(". ").split(".")[1:]):
        wrong.append(("filename", "names something executable"))
    if not _TYPE.fullmatch(file.content_type):
        wrong.append(("content_type", "must be a media type such as application/pdf"))
    elif file.content_type.lower() in _TYPES:
        wrong.append(("content_type", "is executable"))
    if file.content.startswith(_BEGINNINGS):
        wrong.append(("content", "is executable"))
    if file.inline_id and not _INLINE.fullmatch(file.inline_id):
        wrong.append(("inline_id", "must be letters, digits and ._+@-"))
    return wrong


def aad_of(content_id: bytes, number: int) -> bytes:
    """Returns the place of a file."""
    return b"attachment" + content_id + number.to_bytes(2, "big")


async def keep(
    uow: UnitOfWork, envelope: Envelope, content_id: bytes, files: Sequence[pb.Attachment]
) -> None:
    """Stores the files of a content, sealed."""
    sealed = await envelope.seal_many(
        uow,
        [file.SerializeToString() for file in files],
        [aad_of(content_id, number) for number in range(len(files))],
    )
    uow.defer(
        _INSERT,
        {
            "tenant_id": uow.tenant_id,
            "content_id": UUID(bytes=content_id),
            "media": columns.nullable_uuids(
                [UUID(file.media_id).bytes if file.media_id else None for file in files]
            ),
            "sealed": columns.blobs(sealed),
        },
    )


async def load(
    uow: UnitOfWork, envelope: Envelope, content_ids: Sequence[bytes]
) -> dict[bytes, tuple[pb.Attachment, ...]]:
    """Returns the files of contents, in order."""
    if not content_ids:
        return {}
    rows = await uow.fetch_all(_LOAD, {"tenant_id": uow.tenant_id, "contents": columns.uuids(content_ids)})
    opened = await envelope.open_many(
        uow, [sealed for _, _, sealed in rows], [aad_of(id, number) for id, number, _ in rows]
    )
    found: dict[bytes, tuple[pb.Attachment, ...]] = {}
    for (id, _, _), plain in zip(rows, opened, strict=True):
        found[id] = (*found.get(id, ()), pb.Attachment.FromString(plain))
    return found
