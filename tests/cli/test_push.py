"""`angarium push`: what an operator needs before the first push message."""

from __future__ import annotations

import json

from typer.testing import CliRunner

from cli.commands.push import app
from services.delivery.providers.webpush.vapid import Vapid


def test_the_pair_of_keys_belongs_together_and_is_another_each_time() -> None:
    made = [json.loads(CliRunner().invoke(app, ["keys", "--json"]).stdout) for _ in range(2)]
    for one in made:
        assert Vapid(one["private_key"], "mailto:ops@salon.example").public_key == one["public_key"]
    assert made[0] != made[1]


def test_people_see_where_each_key_goes() -> None:
    shown = CliRunner().invoke(app, ["keys"]).stdout
    assert "applicationServerKey" in shown
    assert "vapid_private_key" in shown
