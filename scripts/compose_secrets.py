"""Draws the secrets that docker-compose.yml mounts, into deploy/secrets/.

Usage: python3 scripts/compose_secrets.py [--folder FOLDER]

Standard library only: it runs on a host that has Docker and Python. A file that exists is never changed, so the command may be
repeated; those made from others (URLs) are written again from the passwords they hold.
"""

import argparse
import base64
import secrets
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SERVICES = ("consent", "campaign", "delivery", "analytics")


def word() -> str:
    """Returns a password that needs no quoting in a URL or a configuration file."""
    return secrets.token_urlsafe(36)


def keyset() -> str:
    """Returns a keyed set with one fresh 256-bit key."""
    return f"k1:{base64.b64encode(secrets.token_bytes(32)).decode()}"


DRAWN: dict[str, Callable[[], str]] = {
    "postgres_password": word,
    "redis_password": word,
    **{f"{service}_db_password": word for service in SERVICES},
    "jwt_secret": word,
    "service_token_secret": word,
    "encryption_keys": keyset,
    "hash_keys": keyset,
    "token_keys": keyset,
    "receipt_keys": keyset,
}


def draw(folder: Path) -> list[str]:
    """Writes every missing secret and returns the names of those it drew."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    drawn = [name for name in DRAWN if not (folder / name).exists()]
    for name in drawn:
        write(folder / name, DRAWN[name]())
    postgres, redis = ((folder / f"{name}_password").read_text() for name in ("postgres", "redis"))
    write(folder / "database_url", f"postgresql://angarium:{postgres}@postgres:5432/angarium")
    write(folder / "redis_url", f"redis://:{redis}@redis:6379/0")
    write(folder / "redis_conf", f"requirepass {redis}\n")
    return drawn


def write(file: Path, text: str) -> None:
    """Writes a file that containers can read; compose mounts it with its own mode, whoever runs inside.

    On the host nobody else reaches it, because the folder is closed.
    """
    file.unlink(missing_ok=True)
    file.write_text(text)
    file.chmod(0o444)


def main() -> None:
    """Draws, and says what was new."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--folder", type=Path, default=ROOT / "deploy" / "secrets")
    folder = parser.parse_args().folder
    drawn = draw(folder)
    print(f"{folder}: drew {', '.join(drawn)}" if drawn else f"{folder}: complete, nothing drawn")


if __name__ == "__main__":
    main()
