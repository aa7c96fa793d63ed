"""Checks of PostgreSQL and Valkey."""

import os
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

from cli.checks.finding import Finding
from cli.embedded.stack import DATABASE_VARIABLE, REDIS_VARIABLE
from cli.output import CommandError
from cli.secrets import SERVICES
from cli.state_folder import StateFolder
from cli.stores import database_url, redis_url

_OLDEST_POSTGRES = 150_000
_OLDEST_REDIS = (6, 2)
_LARGEST_SKEW = 2.0
_SECONDS = 5


def check_stores(state: StateFolder) -> Iterator[Finding]:
    """Yields what is found about both stores; skips what is embedded and down."""
    try:
        yield from _database(database_url(state))
    except CommandError as error:
        yield Finding.skip("database", error.message, "angarium up")
    try:
        yield from _redis(redis_url(state))
    except CommandError as error:
        yield Finding.skip("valkey", error.message, "angarium up")


def _database(url: str) -> Iterator[Finding]:
    import psycopg

    place = _place(url)
    mend = _mend(DATABASE_VARIABLE, "postgresql://owner:password@host:5432/angarium")
    try:
        connection = psycopg.connect(url, connect_timeout=_SECONDS, autocommit=True)
    except psycopg.Error as error:
        yield Finding.fail("database", f"{place} does not answer: {_first_line(error)}", mend)
        return
    with connection:
        version = connection.info.server_version
        if version < _OLDEST_POSTGRES:
            yield Finding.fail("database", f"{place} is version {version // 10_000}, 15 is needed", mend)
            return
        yield Finding.ok("database", f"PostgreSQL {version // 10_000}.{version % 10_000} at {place}")
        row = connection.execute("SELECT extract(epoch FROM clock_timestamp())").fetchone()
        skew = abs(time.time() - float(row[0])) if row else 0.0
        if skew > _LARGEST_SKEW:
            yield Finding.fail(
                "database clock",
                f"differs by {skew:.1f} s from this machine's",
                "sudo timedatectl set-ntp true",
            )
    yield _migrations(url)


def _migrations(url: str) -> Finding:
    from services.common.db import migrations, revisions

    behind = []
    for service in SERVICES:
        at, head = migrations.current(service, url), revisions.head(revisions.folder_of(service))
        if int(at) < int(head):
            behind.append(f"{service} is at {at} of {head}")
    if behind:
        return Finding.fail("migrations", ", ".join(behind), "angarium migrate")
    return Finding.ok("migrations", "current in all four schemas")


def _redis(url: str) -> Iterator[Finding]:
    import redis

    mend = _mend(REDIS_VARIABLE, "redis://:password@host:6379/0")
    place = _place(url)
    try:
        with redis.Redis.from_url(
            url, socket_timeout=_SECONDS, socket_connect_timeout=_SECONDS, decode_responses=True
        ) as client:
            info = client.info()
    except redis.RedisError as error:
        yield Finding.fail("valkey", f"{place} does not answer: {_first_line(error)}", mend)
        return
    name, version = (
        ("Valkey", info["valkey_version"]) if "valkey_version" in info else ("Redis", info["redis_version"])
    )
    if tuple(map(int, version.split(".")[:2])) < _OLDEST_REDIS:
        yield Finding.fail("valkey", f"{name} {version} at {place}, Redis 6.2 or Valkey is needed", mend)
        return
    yield Finding.ok("valkey", f"{name} {version} at {place}")
    if info.get("maxmemory_policy", "noeviction") != "noeviction":
        yield Finding.warn(
            "valkey memory",
            f"evicts by {info['maxmemory_policy']}: counters of rate limits may vanish",
            "CONFIG SET maxmemory-policy noeviction",
        )


def _place(url: str) -> str:
    """Returns host and port, never user or password."""
    parts = urlsplit(url)
    return f"{parts.hostname or 'its socket'}{f':{parts.port}' if parts.port else ''}"


def _mend(variable: str, example: str) -> str:
    if os.environ.get(variable):
        return f"Name a server that answers: export {variable}={example}"
    return "angarium down && angarium up"


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0]
