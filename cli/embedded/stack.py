"""The two stores of an installation: those the environment names, or embedded ones."""

import os
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from cli.embedded.postgres import EmbeddedPostgres
from cli.embedded.valkey import EmbeddedValkey

DATABASE_VARIABLE = "DATABASE_URL"
REDIS_VARIABLE = "REDIS_URL"


class EmbeddedStack:
    """PostgreSQL and Valkey below one folder; DATABASE_URL and REDIS_URL, when set, are used instead."""

    def __init__(
        self,
        folder: Path,
        *,
        fast_for_tests: bool = False,
        die_with_parent: bool = True,
        logs: Path | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        chosen = os.environ if environment is None else environment
        self.given_database = chosen.get(DATABASE_VARIABLE) or None
        self.given_redis = chosen.get(REDIS_VARIABLE) or None
        folder = Path(folder)
        self.postgres = (
            None
            if self.given_database
            else EmbeddedPostgres(
                folder / "postgres",
                fast_for_tests=fast_for_tests,
                die_with_parent=die_with_parent,
                log_path=logs / "postgres.log" if logs else None,
            )
        )
        self.valkey = (
            None
            if self.given_redis
            else EmbeddedValkey(
                folder / "valkey",
                fast_for_tests=fast_for_tests,
                die_with_parent=die_with_parent,
                log_path=logs / "valkey.log" if logs else None,
            )
        )

    def start(self) -> Self:
        """Starts what is embedded; `database_url` and `redis_url` can be used afterwards."""
        if self.postgres:
            self.postgres.start()
        if self.valkey:
            self.valkey.start()
        return self

    def stop(self) -> None:
        """Stops what is embedded, PostgreSQL last."""
        if self.valkey:
            self.valkey.stop()
        if self.postgres:
            self.postgres.stop()

    @property
    def database_url(self) -> str:
        """Returns the owner's URL of the database."""
        return self.postgres.url if self.postgres else str(self.given_database)

    @property
    def redis_url(self) -> str:
        """Returns the URL of Valkey or Redis."""
        return self.valkey.url if self.valkey else str(self.given_redis)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
