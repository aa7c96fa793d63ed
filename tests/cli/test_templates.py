"""`angarium templates` against a served campaign: folders as authors keep them."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from cli.authoring import folder
from cli.output import CommandError
from tests.cli.conftest import Angarium, Ask, asking
from tests.house import Served

MANIFEST = """
name = "autumn"
type = "promotional"
category = "newsletter"

[languages.en]
subject = "{{ product }} is back"

[languages.de]
subject = "{{ product }} ist wieder da"

[[variables]]
name = "product"
sample = "Autumn roast"
"""
MJML = (
    "<mjml><mj-body><mj-section><mj-column><mj-text>{{ product }}, {{ t('shop.line') }}"
    "</mj-text></mj-column></mj-section></mj-body></mjml>"
)


@pytest.fixture
async def ask(angarium: Angarium, campaign: Served) -> Ask:
    """Runs `angarium templates` for the tenant, while the service answers."""
    return asking(angarium, "templates", tenant=str(campaign.tenant_id), campaign=campaign.address)


@pytest.fixture
def autumn(tmp_path: Path) -> Path:
    made = tmp_path / "autumn"
    made.mkdir()
    (made / "template.toml").write_text(MANIFEST)
    (made / "en.mjml").write_text(MJML)
    (made / "de.html").write_text("<p>{{ product }} ist wieder da, {{ t('shop.line') }}</p>")
    return made


@pytest.mark.req("CAM-43", "CAM-45", "CAM-48", "CAM-51", "CAM-53", "CAM-54")
async def test_a_folder_is_pushed_shown_published_and_taken_back(
    ask: Ask, autumn: Path, tmp_path: Path
) -> None:
    lacking = await ask("push", str(autumn), "--activate")
    assert lacking.code == 1
    assert "there is no translation of shop.line" in lacking.err.replace("\n", " ")
    words = tmp_path / "words.toml"
    words.write_text('[en.shop]\nline = "in the shop"\n[de]\n"shop.line" = "im Laden"\n')
    written = await ask("translations", "--push", str(words), "--prefix", "shop", "--json")
    assert {one["words"] for one in written.document["translations"]} == {"in the shop", "im Laden"}

    pushed = await ask("push", str(autumn), "--activate", "--json")
    assert pushed.code == 0, pushed.err
    assert (pushed.document["active_version"], pushed.document["version"]["languages"]) == (2, ["de", "en"])
    page = tmp_path / "page.html"
    shown, worst, listed = await asyncio.gather(
        ask("preview", "autumn", "--language", "de", "--out", str(page), "--json"),
        ask("spam", "autumn", "--json"),
        ask("list", "--json"),
    )
    assert shown.document["subject"] == "Autumn roast ist wieder da"
    assert "im Laden" in page.read_text()
    assert worst.document["passed"]
    assert "autumn" in [one["name"] for one in listed.document["templates"]]

    (autumn / "de.html").write_text("<p>{{ product }} fehlt, {{ t('shop.line') }}</p>")
    assert (await ask("push", str(autumn), "--activate")).code == 0
    back = await ask("rollback", "autumn", "--json")
    assert back.document["active_version"] == 2
    history = await ask("show", "autumn", "--json")
    states = [(one["version"], one["state"]) for one in history.document["versions"]]
    assert states == [(3, "archived"), (2, "active"), (1, "draft")]
    assert (await ask("activate", "autumn", "3")).code == 0
    nobody = await ask("show", "winter")
    assert (nobody.code, "name of none" in nobody.err) == (1, True)


def test_a_folder_that_is_no_template_says_why(tmp_path: Path, autumn: Path) -> None:
    with pytest.raises(CommandError, match=r"holds no template\.toml"):
        folder.read(tmp_path)
    (autumn / "template.toml").write_text(MANIFEST.replace("newsletter", "letters"))
    with pytest.raises(CommandError, match="is no template"):
        folder.read(autumn)


def test_the_examples_are_folders_of_this_kind() -> None:
    for name in ("autumn", "order", "tasting"):
        template, version = folder.read(Path("examples/templates") / name)
        assert template.name
        assert {one.language_code for one in version.contents} >= {"en"}


@pytest.mark.req("EVT-84", "CAM-9", "CAM-52")
@pytest.mark.req("CAM-45", "CAM-46", "CAM-53")
async def test_a_template_is_taken_out_of_use_and_deleted_and_a_word_removed(
    ask: Ask, autumn: Path, tmp_path: Path
) -> None:
    words = tmp_path / "words.toml"
    words.write_text('[en.shop]\nline = "in the shop"\n[de]\n"shop.line" = "im Laden"\n')
    await ask("translations", "--push", str(words))
    assert (await ask("push", str(autumn), "--activate")).code == 0
    ended = await ask("deactivate", "autumn", "--json")
    assert (ended.code, ended.document["active_version"]) == (0, None), ended.err
    unsaid = await ask("delete", "autumn", "--json")
    assert (unsaid.code, "--yes" in unsaid.err) == (2, True)
    gone = await ask("delete", "autumn", "--yes", "--json")
    assert (gone.code, gone.document["deleted"]) == (0, True), gone.err
    assert "is the name of none" in (await ask("show", "autumn")).err
    left = await ask("translations", "--remove", "de:shop.line", "--prefix", "shop", "--json")
    assert [one["language"] for one in left.document["translations"]] == ["en"], left.err
    assert (await ask("translations", "--remove", "shop.line")).code == 2


async def test_what_the_platform_says_is_shown_and_said_in_other_words(ask: Ask, tmp_path: Path) -> None:
    page, mine = tmp_path / "page.html", tmp_path / "mine"
    listed, shown, _, strange, elsewhere = await asyncio.gather(
        ask("platform", "--json"),
        ask("platform", "payment-success", "--channel", "sms", "--json"),
        ask("platform", "payment-success", "--language", "es", "--out", str(page)),
        ask("platform", "nothing"),
        ask("platform", "payment-success", "--channel", "push"),
    )
    by_name = {one["name"]: one for one in listed.document["templates"]}
    assert {"en", "es"} <= set(by_name["payment-success"]["channels"]["sms"])
    assert {"hi"} <= set(by_name["birthday-wish"]["channels"]["whatsapp"])
    assert "default" not in by_name
    variables = {one["name"]: one["required"] for one in shown.document["variables"]}
    assert (variables["amount"], variables["eventName"]) == (True, False)
    assert "Pago confirmado" in page.read_text()
    assert (strange.code, elsewhere.code) == (1, 1)
    assert "It is for email, sms." in elsewhere.err

    copied = await ask("platform", "payment-success", "--channel", "sms", "--copy", str(mine))
    assert copied.code == 0, copied.err
    again = await ask("platform", "payment-success", "--copy", str(mine))
    assert "is not empty" in again.err
    (mine / "en.txt").write_text((mine / "en.txt").read_text().replace("we received", "hooray, we received"))
    pushed = await ask("push", str(mine), "--activate")
    assert pushed.code == 0, pushed.err
    ours = await ask("preview", "payment-success:sms", "--json")
    assert "hooray, we received" in ours.document["text"]


@pytest.mark.req("EVT-84", "CAM-94")
async def test_every_copy_of_a_text_for_whatsapp_keeps_its_places(ask: Ask, tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    assert (
        await ask("platform", "appointment-reminder", "--channel", "whatsapp", "--copy", str(mine))
    ).code == 0
    _, version = folder.read(mine)
    orders = {one.language_code: list(one.variable_order) for one in version.contents}
    assert orders["en"] == ["tenant.name", "formatDate(startAt)", "formatTime(startAt)"]
    assert orders.keys() == {"en", "es", "hi"}
