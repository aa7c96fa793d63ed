"""Simulated devices on disk: who they are, what they answer, and the keys of browsers."""

import asyncio
import secrets
import sqlite3
import time
from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from sandbox.push.devices import BY_DEVICE, DeviceBehaviour
from sandbox.store.database import Database


class Device(NamedTuple):
    """One simulated device; `key` and `auth` are a browser's."""

    token: str
    service: str
    behaviour: DeviceBehaviour
    key: bytes
    auth: bytes
    application_key: str
    gone_at: float


def make(
    database: Database, service: str, behaviour: DeviceBehaviour, application_key: str
) -> asyncio.Future[Device]:
    """Makes a device; the future answers it once it is on disk."""
    key = auth = b""
    if service == "webpush":
        made = ec.generate_private_key(ec.SECP256R1())
        key = made.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        auth = secrets.token_bytes(16)
        token = secrets.token_urlsafe(24)
    elif service == "apns":
        token = secrets.token_hex(30) + (behaviour.digits or "a0a0")
    else:
        token = (f"{behaviour.word}-" if behaviour.word else "") + secrets.token_urlsafe(24).replace("-", "_")
    device = Device(token, service, behaviour, key, auth, application_key, 0.0)

    def work(connection: sqlite3.Connection) -> Device:
        connection.execute(
            "INSERT INTO device (token, service, behaviour, key, auth, application_key) VALUES (?,?,?,?,?,?)",
            (token, service, behaviour.name, key, auth, application_key),
        )
        return device

    return database.write(work)


def find(database: Database, service: str, token: str) -> Device | None:
    """Returns a device that was made here."""
    rows = database.query(
        "SELECT token, service, behaviour, key, auth, application_key, gone_at FROM device"
        " WHERE service = ? AND token = ?",
        (service, token),
    )
    if not rows:
        return None
    known, of_service, behaviour, key, auth, application_key, gone_at = rows[0]
    return Device(known, of_service, BY_DEVICE[behaviour], key, auth, application_key, gone_at)


def remove(database: Database, token: str) -> asyncio.Future[bool]:
    """Takes the app off a device; the future answers whether it was there."""

    def work(connection: sqlite3.Connection) -> bool:
        cursor = connection.execute(
            "UPDATE device SET behaviour = 'device_unregistered', gone_at = ? WHERE token = ? AND gone_at = 0",
            (time.time(), token),
        )
        return cursor.rowcount > 0

    return database.write(work)
