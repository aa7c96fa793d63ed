"""Time-out and retry stand beside the proto, for every method, and only what may be repeated is."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.contract.descriptors import PROTOS, REPEATABLE, Method, methods

CONFIGS = sorted(PROTOS.rglob("*_grpc_service_config.json"))


def entries() -> dict[str, dict[str, Any]]:
    """The method entry of each `service/method`; a service-wide entry stands under the service's name."""
    found: dict[str, dict[str, Any]] = {}
    for file in CONFIGS:
        for entry in json.loads(file.read_text())["methodConfig"]:
            for name in entry["name"]:
                key = f"{name['service']}/{name['method']}" if name.get("method") else name["service"]
                assert key not in found, f"{key} has two entries"
                found[key] = entry
    return found


def entry_of(method: Method) -> dict[str, Any]:
    """The most particular entry of a method; empty when nobody wrote one."""
    found = entries()
    return found.get(method.path) or found.get(method.service) or {}


@pytest.mark.req("API-1")
@pytest.mark.parametrize("method", methods(), ids=str)
def test_every_method_has_a_time_out(method: Method) -> None:
    entry = entry_of(method)
    assert entry, f"add {method.path} to a *_grpc_service_config.json"
    assert re.fullmatch(r"\d+(\.\d+)?s", entry["timeout"])


@pytest.mark.req("API-1")
@pytest.mark.parametrize("method", methods(), ids=str)
def test_only_what_may_be_repeated_is_retried_and_only_when_unavailable(method: Method) -> None:
    if policy := entry_of(method).get("retryPolicy"):
        assert policy["retryableStatusCodes"] == ["UNAVAILABLE"]
        assert 2 <= policy["maxAttempts"] <= 4
        assert method.reads_only or method.keyed or method.path in REPEATABLE, (
            f"{method.path} may not be repeated"
        )


@pytest.mark.parametrize("file", CONFIGS, ids=lambda file: file.name)
def test_entries_name_methods_that_exist(file: Path) -> None:
    known = {method.path for method in methods()}
    named = {
        f"{name['service']}/{name['method']}"
        for entry in json.loads(file.read_text())["methodConfig"]
        for name in entry["name"]
        if name.get("method")
    }
    assert named <= known


def test_every_service_folder_has_its_file() -> None:
    folders = {file.parent for file in PROTOS.rglob("*_service.proto")}
    assert {file.parent for file in CONFIGS} >= folders
