"""The mailbox page: what a recipient sees, without changing what is true."""

import re

from tests.browsing import chromium, complaints, overflow
from tests.sandbox.kit import Kit, mail, raw


async def number_of(kit: Kit, address: str) -> int:
    number: int = (await kit.truth_of(address))["number"]
    return number


async def test_the_list_shows_what_became_of_each_message(kit: Kit) -> None:
    await kit.send(mail(kit.gateway.url, "click@b.example", "bounce@b.example", "scanner@b.example"))
    await kit.quiet()
    page = await kit.page("/")
    assert "Hello Person 0" in page
    assert "hard bounce" in page
    assert "clicked by machine" in page
    assert "All is quiet" in page
    assert "<script" not in page
    assert not re.findall(r'(?:src|href)="https?://', page)


async def test_words_chips_and_pages_narrow_the_list(kit: Kit) -> None:
    await kit.send(
        mail(kit.gateway.url, *(f"silent+{number}@b.example" for number in range(60)), "bounce@b.example")
    )
    await kit.quiet()
    assert "silent+17@b.example" in await kit.page("/?q=silent%2B17")
    assert "silent+18@b.example" not in await kit.page("/?q=silent%2B17")
    bounced = await kit.page("/?show=bounced")
    assert bounced.count('href="/messages/') == 1
    assert (await kit.page("/")).count('href="/messages/') == 50
    assert (await kit.page("/?page=2")).count('href="/messages/') == 11
    assert "No mail yet" not in await kit.page("/?q=100%25_")
    assert "Nothing found" in await kit.page("/?q=100%25_")


async def test_an_inbox_belongs_to_one_person(kit: Kit) -> None:
    await kit.send(mail(kit.gateway.url, "unsubscribe@b.example", "open@b.example"))
    await kit.quiet()
    people = await kit.page("/inboxes")
    assert "said stop" in people
    assert "open@b.example" in people
    inbox = await kit.page("/?to=open@b.example")
    assert "unsubscribe@b.example" not in inbox


async def test_a_message_is_shown_as_html_text_headers_and_source(kit: Kit) -> None:
    await kit.send(mail(kit.gateway.url, "click@b.example"))
    await kit.quiet()
    number = await number_of(kit, "click@b.example")
    page = await kit.page(f"/messages/{number}")
    assert "Link followed" in page
    assert "Images are not loaded" in page
    assert f"{kit.gateway.url}/track/click/m0-0" in await kit.page(f"/messages/{number}?view=text")
    assert "List-Unsubscribe-Post" in await kit.page(f"/messages/{number}?view=headers")
    assert "multipart/alternative" in await kit.page(f"/messages/{number}?view=source")
    body = await kit.page(f"/messages/{number}/body")
    assert f'href="{kit.gateway.url}/track/click/m0-0"' in body
    assert '<base target="_blank">' in body


async def test_looking_loads_no_image_and_runs_no_script(kit: Kit) -> None:
    hostile = raw(kit.gateway.url, "silent@b.example", "h").replace(
        b"<body>", b"<body><script>alert(1)</script>"
    )
    client = await kit.smtp()
    await client.sendmail("b@shop.example", ["silent@b.example"], hostile)
    await client.quit()
    number = await number_of(kit, "silent@b.example")
    async with kit.session.get(f"{kit.url}/messages/{number}/body") as response:
        policy = response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "img-src data:;" in policy
    assert "sandbox allow-popups" in policy
    assert "allow-scripts" not in policy
    async with kit.session.get(f"{kit.url}/messages/{number}/body?images=1") as response:
        assert "img-src http: https: data:" in response.headers["Content-Security-Policy"]


async def test_hostile_subjects_and_addresses_are_text(kit: Kit) -> None:
    body = mail(kit.gateway.url, "silent@b.example", subject='"><script>alert(1)</script>')
    await kit.send(body)
    number = await number_of(kit, "silent@b.example")
    for path in ("/", f"/messages/{number}", f"/messages/{number}?view=headers", "/?q=%3Cscript%3E"):
        assert "<script>" not in await kit.page(path)


async def test_what_is_not_there_is_a_404(kit: Kit) -> None:
    for path in ("/messages/77", "/messages/77/body", "/messages/77/source"):
        async with kit.session.get(kit.url + path) as response:
            assert response.status == 404


async def test_pages_fit_narrow_screens_in_both_schemes_and_everybody_can_use_them(kit: Kit) -> None:
    await kit.send(mail(kit.gateway.url, "a.rather.long.address.of.somebody+tagged@b.example"))
    await kit.quiet()
    async with chromium() as browser:
        for scheme in ("light", "dark"):
            context = await browser.new_context(
                viewport={"width": 360, "height": 800}, color_scheme=scheme, bypass_csp=True
            )
            page = await context.new_page()
            for path in ("/", "/messages/1", "/inboxes", "/webhooks"):
                await page.goto(kit.url + path)
                assert (await overflow(page), await complaints(page)) == (0, []), (scheme, path)
            await context.close()
