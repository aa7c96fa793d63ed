"""PostgreSQL refuses to run as root; here a root user gets a way to run it all the same."""

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from cli.embedded.errors import EmbeddedError

_NOBODY = 65534


@dataclass(frozen=True, slots=True)
class Privileges:
    """How server programs are started, and who owns their files."""

    mode: Literal["plain", "user namespace", "nobody"]
    prefix: tuple[str, ...]

    def give(self, file: Path) -> None:
        """Gives one file of ours to the user that will run the server."""
        if self.mode == "nobody":
            os.chown(file, _NOBODY, _NOBODY)

    def hand_over(self, folder: Path) -> None:
        """Gives a folder and all in it to the user that will run the server; EmbeddedError when it is a person's."""
        if os.geteuid() != 0:
            return
        owner = _NOBODY if self.mode == "nobody" else 0
        found = folder.stat().st_uid
        if found == owner:
            return
        if found not in (0, _NOBODY):
            raise EmbeddedError(
                f"{folder} belongs to user id {found}, and this is root: its owner could not use it afterwards.",
                f"Run the command as its owner, or give it to root: chown -R root {folder}",
            )
        for parent, _, files in os.walk(folder):
            os.chown(parent, owner, owner)
            for name in files:
                os.chown(Path(parent) / name, owner, owner, follow_symlinks=False)


PLAIN = Privileges("plain", ())
# The server sees itself as nobody while its files stay root's: works even below a home folder nobody may enter.
USER_NAMESPACE = Privileges(
    "user namespace", ("unshare", "--user", f"--map-user={_NOBODY}", f"--map-group={_NOBODY}")
)
NOBODY = Privileges(
    "nobody", ("setpriv", f"--reuid={_NOBODY}", f"--regid={_NOBODY}", "--clear-groups", "--pdeathsig=INT")
)


def choose(program: Path, folder: Path) -> Privileges:
    """Returns the first way in which the program can run and reach the folder, or raises EmbeddedError."""
    if os.geteuid() != 0:
        return PLAIN
    if _runs(USER_NAMESPACE, [str(program), "--version"]):
        return USER_NAMESPACE
    above = str(folder.resolve().parent)
    if _runs(NOBODY, [str(program), "--version"]) and _runs(NOBODY, ["test", "-x", above]):
        return NOBODY
    raise EmbeddedError(
        "PostgreSQL does not run as root, and neither a user namespace nor the user `nobody` can start it here.",
        "Run as an ordinary user, or name a running server: "
        "export DATABASE_URL=postgresql://user:password@host/angarium",
    )


def _runs(privileges: Privileges, command: list[str]) -> bool:
    if shutil.which(privileges.prefix[0]) is None:
        return False
    answer = subprocess.run([*privileges.prefix, *command], capture_output=True, check=False)
    return answer.returncode == 0
