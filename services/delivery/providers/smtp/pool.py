"""Connections of one SMTP account: opened and secured by aiosmtplib, then kept open and shared by all blocks."""

import asyncio
import ssl
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final, cast

import aiosmtplib

from services.delivery.providers.base import Account, Code, ConfigurationError
from services.delivery.providers.smtp.wire import Wire

IDLE_SECONDS: Final = 30.0
SECURITIES: Final = ("starttls", "tls", "none")
PORTS: Final = {"starttls": 587, "tls": 465, "none": 25}


class ConnectError(Exception):
    """No usable connection could be made; `code` says what failed."""

    def __init__(self, code: Code, details: str) -> None:
        super().__init__(details)
        self.code = code


class Pool:
    """At most `max_concurrency` connections at a time; idle ones are used again for half a minute."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self.host = account.text("host")
        self._security = account.text("security", "starttls")
        if not self.host:
            raise ConfigurationError("the account has no host")
        if self._security not in SECURITIES:
            raise ConfigurationError(f"security is one of {', '.join(SECURITIES)}")
        if self._security == "none" and account.production:
            raise ConfigurationError("smtp without TLS is for development only")
        self.port = account.number("port", PORTS[self._security])
        self._slots = asyncio.Semaphore(max(1, account.max_concurrency))
        self._idle: list[tuple[float, Wire]] = []
        self._is_closed = False

    @asynccontextmanager
    async def borrowed(self) -> AsyncIterator[Wire]:
        """A connection for one worker; ConnectError when none can be made.

        A connection left in the middle of a transaction is not used again: whoever breaks off aborts it.
        """
        async with self._slots:
            wire = self._reusable() or await self.open()
            try:
                yield wire
            except BaseException:
                wire.abort()
                raise
            if self._is_closed:
                await wire.quit()
            elif not wire.closed:
                self._idle.append((time.monotonic(), wire))

    def _reusable(self) -> Wire | None:
        while self._idle:
            since, wire = self._idle.pop()
            if not wire.closed and time.monotonic() - since < IDLE_SECONDS:
                return wire
            wire.abort()
        return None

    async def open(self) -> Wire:
        """A new connection, ready for transactions."""
        account = self._account
        username = account.credentials.get("username") or None
        client = aiosmtplib.SMTP(
            hostname=self.host,
            port=self.port,
            username=username,
            password=account.credentials.get("password") if username else None,
            local_hostname=account.text("helo_name", "localhost"),
            timeout=account.timeout.total_seconds(),
            use_tls=self._security == "tls",
            start_tls=self._security == "starttls",
            validate_certs=account.production or account.flag("validate_certs", default=True),
            cert_bundle=account.text("ca_file") or None,
        )
        try:
            await client.connect()
            if client.is_ehlo_or_helo_needed:
                await client.ehlo()
        except aiosmtplib.SMTPAuthenticationError:
            raise ConnectError(Code.CREDENTIALS, "the server refused the credentials") from None
        except aiosmtplib.SMTPTimeoutError:
            raise ConnectError(Code.TIMEOUT, "the server did not answer in time") from None
        except ssl.SSLError:
            raise ConnectError(Code.TLS, "no secure connection") from None
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            if isinstance(error.__cause__, ssl.SSLError):
                raise ConnectError(Code.TLS, "no secure connection") from None
            raise ConnectError(Code.CONNECTION, "no connection") from None
        transport = client.transport
        if transport is None or transport.is_closing():
            raise ConnectError(Code.CONNECTION, "the connection ended")
        return Wire(
            cast("asyncio.Transport", transport),  # uvloop's own transports are none by inheritance
            timeout=account.timeout.total_seconds(),
            pipelining=client.supports_extension("pipelining"),
            eight_bit=client.supports_extension("8bitmime"),
            utf8=client.supports_extension("smtputf8"),
        )

    async def close(self) -> None:
        """Says goodbye on idle connections; the others end when they are given back."""
        self._is_closed = True
        while self._idle:
            await self._idle.pop()[1].quit()
