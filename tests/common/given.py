"""What tests of the common parts start from: settings that are complete, and a database that is always ready."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

from services.common.settings import CommonSettings, read


def keys(*names: str) -> str:
    """A key set with one fixed, unlike key per name."""
    return ",".join(
        f"{name}:{base64.b64encode(hashlib.sha256(name.encode()).digest()).decode()}" for name in names
    )


COMPLETE: dict[str, Any] = {
    "environment": "test",
    "service_name": "echo",
    "bind_address": "127.0.0.1:0",
    "service_token_secret": "q7Kx2mVb9ZtR4wLc8NfH3sJd6PyG1uAeTn5o",
    "consent_address": "127.0.0.1:1",
    "campaign_address": "127.0.0.1:1",
    "delivery_address": "127.0.0.1:1",
    "analytics_address": "127.0.0.1:1",
    "public_base_url": "http://127.0.0.1:8080",
    "frontend_url": "http://127.0.0.1:8081",
    "db_host": "127.0.0.1",
    "db_name": "angarium",
    "db_user": "angarium_echo",
    "db_password": "Zk8vQ2xw7Lr4",
    "redis_url": "redis://127.0.0.1:6379/0",
    "jwt_issuer": "https://issuer.example",
    "jwt_audience": "angarium",
    "jwt_secret": "b3Vz9YhQm6Wc1Rk7TgX4nLp8DfJ2sAe5Ui0o",
    "encryption_keys": keys("e2", "e1"),
    "hash_keys": keys("h1"),
    "token_keys": keys("t2", "t1"),
    "support_email": "support@example.com",
    "cs_team_email": "team@example.com",
    "enable_metrics": False,
}
RECEIPT_KEYS = keys("r2", "r1")
"""What the consent service needs besides."""


def settings(**changes: Any) -> CommonSettings:
    """Complete settings of a test process, with changes."""
    return read(CommonSettings, **{**COMPLETE, **changes})


class ReadyDatabase:
    """Stands where health asks: says what a test wants it to say."""

    def __init__(self) -> None:
        self.answers = True
        self.current = True

    async def trouble(self) -> str:
        if not self.answers:
            return "database does not answer"
        return "" if self.current else "migrations are not current"
