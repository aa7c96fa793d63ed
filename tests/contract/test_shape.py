"""Rules of the contract's shape that every new message must keep: batches, personal data, one tree, its linter."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator

import pytest
import yaml
from google.protobuf.descriptor_pb2 import DescriptorProto, FieldDescriptorProto

from tests.contract.descriptors import ROOT, SERVICES, files, methods

PERSONAL = re.compile(
    r"(email|phone|phone_number|address|token|secret|password|first_name|last_name|evidence"
    r"|raw_body|[a-z]+_token|[a-z]+_secret)"
)
PUBLIC = re.compile(r"(page_token|next_page_token|resume_token|media_token)")
"""Places in lists and feeds, and names of files that everybody may see: they open nothing."""

BUF = ROOT / "node_modules" / ".bin" / "buf"


def messages() -> Iterator[tuple[str, DescriptorProto]]:
    """Every message of the contract, nested ones too, by its name with the package's."""
    for file in files():
        for message in file.message_type:
            yield from _with_nested(f"{file.package}.{message.name}", message)


def _with_nested(name: str, message: DescriptorProto) -> Iterator[tuple[str, DescriptorProto]]:
    yield name, message
    for nested in message.nested_type:
        yield from _with_nested(f"{name}.{nested.name}", nested)


def is_text(field: FieldDescriptorProto) -> bool:
    return field.type in {FieldDescriptorProto.TYPE_STRING, FieldDescriptorProto.TYPE_BYTES}


@pytest.mark.req("API-13")
def test_what_names_a_person_or_opens_something_is_marked_so_that_no_log_shows_it() -> None:
    fields = [
        (f"{name}.{field.name}", field.options.debug_redact)
        for name, message in messages()
        for field in message.field
        if is_text(field) and PERSONAL.fullmatch(field.name) and not PUBLIC.fullmatch(field.name)
    ]
    assert len(fields) > 30
    assert [name for name, is_marked in fields if not is_marked] == []


@pytest.mark.req("API-12")
def test_what_is_told_of_one_item_of_a_batch_is_a_status_with_its_index() -> None:
    of_items = {
        field.type_name.removeprefix(".")
        for method in methods()
        for field in method.response.field
        if field.name == "errors" and field.label == FieldDescriptorProto.LABEL_REPEATED
    }
    shapes = {name: {field.name: field for field in message.field} for name, message in messages()}
    assert len(of_items) >= 4
    wrong = [
        name
        for name in sorted(of_items)
        if "index" not in shapes[name] or shapes[name]["status"].type_name != ".google.rpc.Status"
    ]
    assert wrong == []


@pytest.mark.req("GEN-2")
def test_the_whole_contract_is_one_tree_with_a_package_per_service() -> None:
    packages = {file.package for file in files()}
    assert packages == {f"angarium.{name}.v1" for name in ("common", "options", *SERVICES)}
    misplaced = [file.name for file in files() if not file.name.startswith(file.package.replace(".", "/"))]
    assert misplaced == []
    stray = [
        str(file.relative_to(ROOT))
        for folder in ("services", "gateway", "sandbox", "cli", "bench", "deploy")
        for file in (ROOT / folder).rglob("*.proto")
    ]
    assert stray == []
    assert {file.package for file in files() if file.name.endswith("_events.proto")} >= {
        f"angarium.{name}.v1" for name in SERVICES if name != "analytics"
    }


@pytest.mark.req("API-4", "GEN-2")
def test_the_contract_is_linted_formatted_and_compared_by_a_pinned_buf_without_a_registry() -> None:
    (buf,) = json.loads((ROOT / "package.json").read_text())["devDependencies"].items()
    assert buf[0] == "@bufbuild/buf"
    assert re.fullmatch(r"\d+\.\d+\.\d+", buf[1]), "a range would let another release judge the contract"
    rules = yaml.safe_load((ROOT / "buf.yaml").read_text())
    assert rules["lint"]["use"] == ["STANDARD", "COMMENTS", "UNARY_RPC"]
    assert rules["breaking"]["use"]
    assert "deps" not in rules
    commands = (ROOT / "Makefile").read_text()
    assert "$(BUF) lint" in commands
    assert "$(BUF) format --diff --exit-code" in commands
    assert "buf breaking" in (ROOT / "scripts" / "breaking").read_text()
    ci = (ROOT / ".ci" / "run").read_text()
    assert "make lint" in ci
    assert "make breaking" in ci


@pytest.mark.req("API-4")
def test_only_calls_that_say_so_are_streams() -> None:
    """The linter refuses a stream without the comment that excuses it, and no other rule is switched off in a file."""
    excused = [
        line.strip()
        for file in sorted((ROOT / "protos" / "angarium").rglob("*.proto"))
        for line in file.read_text().splitlines()
        if "buf:lint:ignore" in line
    ]
    assert {line.split()[-1] for line in excused} <= {"RPC_NO_CLIENT_STREAMING", "RPC_NO_SERVER_STREAMING"}
    streams = sum(method.client_streaming + method.server_streaming for method in methods())
    assert len(excused) == streams > 0


@pytest.mark.skipif(not BUF.exists(), reason="buf needs Node; `make lint` installs it")
@pytest.mark.req("API-4")
def test_the_linter_and_the_formatter_find_nothing() -> None:
    for command in (["lint"], ["format", "--diff", "--exit-code", "--path", "protos/angarium"]):
        ran = subprocess.run([str(BUF), *command], cwd=ROOT, capture_output=True, text=True, check=False)
        assert (ran.returncode, ran.stdout) == (0, "")
