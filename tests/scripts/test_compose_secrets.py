"""Secrets of a compose installation are drawn once and stay."""

from pathlib import Path

from scripts import compose_secrets
from services.common.security.keys import KeySet


def contents(folder: Path) -> dict[str, str]:
    return {file.name: file.read_text() for file in folder.iterdir()}


def test_a_second_run_changes_nothing(tmp_path: Path) -> None:
    assert set(compose_secrets.draw(tmp_path)) == compose_secrets.DRAWN.keys()
    first = contents(tmp_path)
    assert compose_secrets.draw(tmp_path) == []
    assert contents(tmp_path) == first


def test_a_lost_secret_is_drawn_again_and_the_others_stay(tmp_path: Path) -> None:
    compose_secrets.draw(tmp_path)
    first = contents(tmp_path)
    (tmp_path / "jwt_secret").unlink()
    assert compose_secrets.draw(tmp_path) == ["jwt_secret"]
    assert {name for name, text in contents(tmp_path).items() if text != first[name]} == {"jwt_secret"}


def test_what_is_drawn_is_what_the_services_accept(tmp_path: Path) -> None:
    compose_secrets.draw(tmp_path)
    drawn = contents(tmp_path)
    for name in ("encryption_keys", "hash_keys", "token_keys", "receipt_keys"):
        assert len(KeySet.parse(drawn[name]).current[1]) == 32
    assert len(drawn["jwt_secret"]) >= 32
    assert len(set(drawn.values())) == len(drawn)
    assert drawn["redis_password"] in drawn["redis_url"]


def test_the_folder_is_closed_and_its_files_are_readable_inside_a_container(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    compose_secrets.draw(folder)
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {file.stat().st_mode & 0o777 for file in folder.iterdir()} == {0o444}
