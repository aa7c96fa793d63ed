"""docker-compose.yml holds what it promises: no open database, secrets as files, an order in which things start."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from scripts import compose_secrets
from tests.contract.descriptors import ROOT

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
ROLES = (
    "migrations",
    "consent",
    "campaign",
    "delivery",
    "delivery-worker",
    "delivery-urgent",
    "analytics",
    "gateway",
)


@pytest.mark.req("ARC-16")
def test_all_roles_are_there_and_share_one_image() -> None:
    assert set(ROLES) < SERVICES.keys()
    assert len({SERVICES[role]["image"] for role in ROLES}) == 1


@pytest.mark.req("W11")
def test_the_product_needs_nothing_beside_it_but_two_stores() -> None:
    own = SERVICES["consent"]["image"]
    needed = {name for role in ROLES for name in SERVICES[role].get("depends_on", {})}
    assert {name for name in needed if SERVICES[name]["image"] != own} == {"postgres", "redis"}


@pytest.mark.parametrize("name", ["postgres", "redis"])
def test_databases_are_not_published(name: str) -> None:
    assert "ports" not in SERVICES[name]
    assert SERVICES[name]["networks"] == ["data"]
    assert COMPOSE["networks"]["data"]["internal"] is True


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_only_the_gateway_is_open_to_the_world(name: str) -> None:
    for port in SERVICES[name].get("ports", []):
        assert name == "gateway" or port.startswith("127.0.0.1:")


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_a_container_that_others_wait_for_can_say_that_it_is_well(name: str) -> None:
    waited_for = {
        dependency
        for service in SERVICES.values()
        for dependency, rule in service.get("depends_on", {}).items()
        if rule["condition"] == "service_healthy"
    }
    if name in waited_for:
        assert "healthcheck" in SERVICES[name]


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_what_a_container_refers_to_exists(name: str) -> None:
    service = SERVICES[name]
    assert service.get("depends_on", {}).keys() <= SERVICES.keys()
    assert set(service.get("networks", [])) <= COMPOSE["networks"].keys()
    assert set(service.get("secrets", [])) <= COMPOSE["secrets"].keys()
    volumes = {volume.partition(":")[0] for volume in service.get("volumes", [])}
    assert volumes <= COMPOSE["volumes"].keys()


@pytest.mark.req("GEN-36")
@pytest.mark.parametrize("name", sorted(SERVICES))
def test_secrets_come_as_files_that_the_container_is_given(name: str) -> None:
    environment: dict[str, str] = SERVICES[name].get("environment", {})
    for variable, value in environment.items():
        if variable.endswith("_FILE"):
            secret = re.fullmatch(r"/run/secrets/(\w+)", value)
            assert secret is not None
            assert secret[1] in SERVICES[name]["secrets"], f"{name} is not given {secret[1]}"
        else:
            assert not re.search(r"SECRET|PASSWORD|_KEYS?$|_URL$", variable) or variable in {
                "PUBLIC_BASE_URL",
                "FRONTEND_URL",
            }


def test_every_secret_is_drawn_by_the_script(tmp_path: Path) -> None:
    compose_secrets.draw(tmp_path)
    wanted = {Path(secret["file"]).name for secret in COMPOSE["secrets"].values()}
    assert wanted == {file.name for file in tmp_path.iterdir()}


@pytest.mark.parametrize("role", ROLES)
def test_roles_are_shut_in(role: str) -> None:
    assert SERVICES[role]["read_only"] is True
    assert SERVICES[role]["cap_drop"] == ["ALL"]
    assert SERVICES[role]["security_opt"] == ["no-new-privileges:true"]


@pytest.mark.parametrize("role", [role for role in ROLES if role not in {"migrations", "gateway"}])
def test_roles_with_a_database_wait_for_migrations(role: str) -> None:
    assert SERVICES[role]["depends_on"]["migrations"] == {"condition": "service_completed_successfully"}


def test_the_image_does_not_run_as_root() -> None:
    lines = (ROOT / "Dockerfile").read_text().splitlines()
    assert [line for line in lines if line.startswith("USER ")] == ["USER 10001:10001"]


def test_the_collector_listens_where_the_roles_send() -> None:
    collector = yaml.safe_load((ROOT / "deploy" / "otel" / "collector.yaml").read_text())
    assert collector["receivers"]["otlp"]["protocols"]["grpc"]["endpoint"].endswith(":4317")
    for pipeline in collector["service"]["pipelines"].values():
        for kind in ("receivers", "processors", "exporters"):
            assert set(pipeline[kind]) <= collector[kind].keys()
