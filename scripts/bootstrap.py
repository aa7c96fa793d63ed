"""Makes the project's environment on a machine that has only Python: finds or fetches uv, then installs the lock file.

Usage: python3 scripts/bootstrap.py

Standard library only, because nothing else exists yet. A uv on PATH is taken when pyproject.toml accepts its version;
otherwise the pinned one is installed into .tools/, which belongs to this checkout and is never on PATH.
"""

import os
import re
import shutil
import ssl
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TOOLS = ROOT / ".tools"
STAMP = ROOT / ".venv" / ".synced"
UV_VERSION = "0.13.8"
UV_OLDEST = (0, 9)  # the floor of [tool.uv] required-version in pyproject.toml
PYTHON_OLDEST = (3, 11)


def main() -> None:
    """Leaves .venv exactly as uv.lock says, or ends with a message that names the mend."""
    uv = uv_on_path() or uv_of_our_own()
    command = [str(uv), "sync", "--frozen", "--compile-bytecode"]
    if sys.version_info[:2] >= PYTHON_OLDEST and "UV_PYTHON" not in os.environ:
        command += ["--python", getattr(sys, "_base_executable", "") or sys.executable]
    if subprocess.run(command, cwd=ROOT, env=environment(), check=False).returncode != 0:
        sys.exit(
            "bootstrap: uv could not install the lock file; its message above says which package or address"
        )
    STAMP.touch()


def uv_on_path() -> Path | None:
    """Returns the machine's own uv when it is new enough for this project."""
    found = shutil.which("uv")
    if found is None:
        return None
    answer = subprocess.run([found, "--version"], capture_output=True, text=True, check=False)
    version = re.search(r"(\d+)\.(\d+)", answer.stdout)
    if answer.returncode != 0 or version is None or (int(version[1]), int(version[2])) < UV_OLDEST:
        return None
    return Path(found)


def uv_of_our_own() -> Path:
    """Returns the pinned uv in .tools/, installing it first when it is absent."""
    binary = TOOLS / f"uv-{UV_VERSION}" / "bin" / "uv"
    if binary.exists():
        return binary
    home = binary.parent.parent
    shutil.rmtree(home, ignore_errors=True)
    print(f"bootstrap: installing uv {UV_VERSION} into {home.relative_to(ROOT)}", file=sys.stderr)
    if not make_venv(home):
        shutil.rmtree(home, ignore_errors=True)
        sys.exit(
            "bootstrap: this Python cannot make a virtual environment with pip.\n"
            "Mend it with one of: `apt-get install python3-venv`, `python3 -m pip install uv`, or install uv from"
            " https://docs.astral.sh/uv/; then run the same command again."
        )
    pip = [str(home / "bin" / "python"), "-m", "pip", "install", "--quiet", f"uv=={UV_VERSION}"]
    if subprocess.run(pip, env=environment(), check=False).returncode != 0:
        shutil.rmtree(home, ignore_errors=True)
        sys.exit(f"bootstrap: pip could not install uv {UV_VERSION}; its message above says why")
    return binary


def make_venv(home: Path) -> bool:
    """Makes a virtual environment with pip, or says False: some systems ship venv without ensurepip."""
    result = subprocess.run([sys.executable, "-m", "venv", str(home)], capture_output=True, check=False)
    return result.returncode == 0 and (home / "bin" / "pip").exists()


def environment() -> dict[str, str]:
    """Returns the environment for pip and uv."""
    values = dict(os.environ)
    values.pop("VIRTUAL_ENV", None)  # the environment of this project is .venv, whichever one is active
    authorities = ssl.get_default_verify_paths()
    if authorities.cafile or (authorities.capath and any(Path(authorities.capath).iterdir())):
        values.setdefault(
            "UV_SYSTEM_CERTS", "true"
        )  # a company's proxy has its authority there, not in uv's own list
        values.setdefault("UV_NATIVE_TLS", "true")  # the same switch before uv renamed it
    return values


if __name__ == "__main__":
    main()
