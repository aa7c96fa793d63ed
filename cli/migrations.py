"""Brings the schemas of all services up to date; the role `migrate`, and what `angarium migrate` runs."""

import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass

from cli.secrets import SERVICES


@dataclass(frozen=True, slots=True)
class Revision:
    """Where the schema of a service was, and where it is now."""

    service: str
    before: str
    after: str


def migrate(url: str) -> Iterator[Revision]:
    """Migrates one service after the other, as the owner; passwords come from `<SERVICE>_DB_PASSWORD`."""
    from services.common.db import migrations

    for service in SERVICES:
        before = migrations.current(service, url)
        yield Revision(service, before, migrations.run(service, url))


def main() -> None:
    """Migrates the database of DATABASE_URL; exit code 1 and one sentence when that fails."""
    url = os.environ.get("DATABASE_URL")
    if not url:
        sys.exit("DATABASE_URL: is required: the owner's URL of the database to migrate")
    for revision in migrate(url):
        change = "is current" if revision.before == revision.after else f"was {revision.before}"
        print(f"{revision.service}: revision {revision.after} ({change})", flush=True)


if __name__ == "__main__":
    main()
