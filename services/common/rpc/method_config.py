"""Time-outs and retries per method, as the service config beside each proto says (GEN-4)."""

from __future__ import annotations

import json
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Any

_CONTRACT = Path(__file__).resolve().parents[3] / "protos" / "angarium"


@lru_cache
def service_config(service: str) -> dict[str, Any]:
    """Returns the gRPC service config of a service: its own methods and those that every service has."""
    methods: list[Any] = []
    for package in (service, "common"):
        for text in _config_texts(package):
            methods.extend(json.loads(text).get("methodConfig", []))
    return {"methodConfig": methods}


def _config_texts(service: str) -> list[str]:
    """Reads from the contract's folder, or from the installed package, which carries copies."""
    folder = _CONTRACT / service / "v1"
    if folder.is_dir():
        return [
            path.read_text(encoding="utf-8") for path in sorted(folder.glob("*_grpc_service_config.json"))
        ]
    try:
        package = resources.files(f"angarium.{service}.v1")
    except ModuleNotFoundError:
        return []
    files = sorted((item for item in package.iterdir() if item.is_file()), key=lambda item: item.name)
    return [
        item.read_text(encoding="utf-8") for item in files if item.name.endswith("_grpc_service_config.json")
    ]


def timeout_of(config: dict[str, Any], path: str) -> float | None:
    """Returns the time-out in seconds that a config gives a method; the most particular entry wins."""
    service, _, method = path.lstrip("/").partition("/")
    best, found = -1, None
    for entry in config.get("methodConfig", []):
        for name in entry.get("name", []):
            rank = _rank(name, service, method)
            if rank > best and "timeout" in entry:
                best, found = rank, float(str(entry["timeout"]).removesuffix("s"))
    return found


def _rank(name: dict[str, str], service: str, method: str) -> int:
    if name.get("service", "") not in ("", service) or name.get("method", "") not in ("", method):
        return -1
    return bool(name.get("service")) + bool(name.get("method"))
