"""Access tokens of a service account: asked for once an hour, kept until shortly before they end (RFC 7523)."""

import asyncio
import time
from typing import Final
from urllib.parse import urlencode, urlsplit

import jwt

from services.delivery.providers.base import Account, Code, Result
from services.delivery.providers.http import Answer, Connection
from services.delivery.providers.jose import rsa_key

TOKEN_URL: Final = "https://oauth2.googleapis.com/token"  # noqa: S105 - an address
SCOPE: Final = "https://www.googleapis.com/auth/firebase.messaging"
GRANT: Final = "urn:ietf:params:oauth:grant-type:jwt-bearer"
FORM: Final = {"Content-Type": "application/x-www-form-urlencoded"}
LIFE: Final = 3600
EARLY: Final = 300.0
"""So many seconds before its end a token is replaced."""


class AccessError(Exception):
    """There is no access token; `answer` is what the server of tokens said."""

    def __init__(self, answer: Answer) -> None:
        super().__init__("no access token")
        self.answer = answer


class AccessTokens:
    """The access token of one service account."""

    def __init__(self, account: Account) -> None:
        self._email = account.credential("client_email")
        self._key = rsa_key(account.credential("private_key"))
        self._key_id = account.credentials.get("private_key_id") or ""
        parts = urlsplit(account.text("token_url", TOKEN_URL))
        self._path = parts.path
        self._connection = Connection(account, f"{parts.scheme}://{parts.netloc}")
        self._lock = asyncio.Lock()
        self._token = ""
        self._until = 0.0

    async def token(self) -> str:
        """Returns an access token; AccessError when there is none to be had."""
        async with self._lock:
            if not self._token or time.time() >= self._until:
                self._token, self._until = await self._ask()
            return self._token

    def refuse(self, token: str) -> None:
        """Forgets a token that was refused."""
        if token == self._token:
            self._token = ""

    async def close(self) -> None:
        """Closes kept-open connections."""
        await self._connection.close()

    async def _ask(self) -> tuple[str, float]:
        now = time.time()
        # The audience is Google's own address also where an emulator stands in for it.
        claims = {
            "iss": self._email,
            "scope": SCOPE,
            "aud": TOKEN_URL,
            "iat": int(now),
            "exp": int(now) + LIFE,
        }
        headers = {"kid": self._key_id} if self._key_id else None
        assertion = jwt.encode(claims, self._key, "RS256", headers)
        body = urlencode({"grant_type": GRANT, "assertion": assertion}).encode()
        answer = await self._connection.post(self._path, body, FORM)
        found = answer.json()
        token, seconds = found.get("access_token"), found.get("expires_in")
        if answer.status != 200 or not isinstance(token, str) or not token:
            raise AccessError(_nothing_left(answer))
        life = float(seconds) if isinstance(seconds, int | float) else float(LIFE)
        return token, now + max(0.0, life - EARLY)


def _nothing_left(answer: Answer) -> Answer:
    """No message was under way yet, so nothing about it is unknown; a refused assertion is a matter of credentials."""
    if answer.failure:
        _, code, _ = answer.failure
        answer.failure = (Result.RETRYABLE, code, "there is no access token")
    elif answer.status in (200, 400):
        answer.failure = (Result.RETRYABLE, Code.CREDENTIALS, "the service account was refused")
    return answer
