import pytest

from services.common.templating.spam import HIGH_RISK, MEDIUM_RISK, score_spam

CALM = (
    "Good morning, your order has arrived at the shop, where it is kept for you until the end of next week."
)


def flags(text: str, subject: str = "Your order", html: str | None = None, channel: str = "email") -> list:
    return list(score_spam(channel, subject, text, html).findings)


@pytest.mark.req("CAM-95")
def test_an_ordinary_mail_scores_nothing() -> None:
    report = score_spam("email", "Your order", CALM)
    assert report.score == 0
    assert report.passed
    assert report.recommendations == ()


@pytest.mark.req("CAM-95")
@pytest.mark.parametrize("word", HIGH_RISK)
def test_high_risk_words_cost_three_points_each(word: str) -> None:
    assert flags(f"{CALM} {word.upper()}.") == [("high_risk_word", 3)]
    assert flags(f"{CALM} x{word}y {word}s.") == []


@pytest.mark.req("CAM-95")
@pytest.mark.parametrize("word", MEDIUM_RISK)
def test_medium_risk_words_cost_two_points_each(word: str) -> None:
    words = 2 if word == "risk free" else 1  # "free" is a word of its own in it
    assert flags(f"{CALM} {word}, {word}.") == [("medium_risk_word", 2)] * words


@pytest.mark.req("CAM-95")
@pytest.mark.parametrize(
    ("text", "subject", "found"),
    [
        (f"{CALM} cash prize", "Your order", [("low_risk_word", 1), ("low_risk_word", 1)]),
        (f"{CALM} sale discount offer", "Your order", []),
        (f"{CALM} sale discount offer special", "Your order", [("multiple_promotional_words", 4)]),
        (f"{CALM} sale discount offer special new", "Important", [("multiple_promotional_words", 6)]),
        ("GOOD MORNING, your order has arrived", "Your order", [("excessive_caps", 3)]),
        ("GOOD MORning, your order is here now", "Your order", [("high_caps", 1)]),
        ("HELLO WORLD", "Abc def", []),
        (CALM + "!!!", "Your order", []),
        (CALM + "!!!!", "Your order", [("multiple_exclamation", 1)]),
        (CALM + "!!!!!!", "Your order", [("excessive_exclamation", 2)]),
        (CALM + "?????", "Your order", []),
        (CALM + "??????", "Your order", [("excessive_questions", 1)]),
        (CALM + " $$$", "Your order", [("money_symbols", 2)]),
        (CALM + " €€€", "Your order", [("money_symbols", 2)]),
        (CALM + " $ $ $", "Your order", []),
        (CALM * 9, "YOUR ORDER", [("subject_all_caps", 2)]),
        (CALM * 9, "ORDER", []),
        (CALM, "Re: your order", [("fake_reply", 3)]),
        (CALM, "fwd: your order", [("fake_reply", 3)]),
        (CALM, "FW: yours", [("fake_reply", 3)]),
        (CALM, "regards", []),
        (CALM, "Hi", [("short_subject", 1)]),
    ],
)
def test_each_row_of_the_table(text: str, subject: str, found: list) -> None:
    assert flags(text, subject) == found


@pytest.mark.req("CAM-95")
@pytest.mark.parametrize(
    ("count", "found"),
    [(5, []), (6, [("multiple_links", 1)]), (10, [("multiple_links", 1)]), (11, [("too_many_links", 3)])],
)
def test_links_are_counted(count: int, found: list) -> None:
    html = (
        f"<p>{CALM * 3}</p>"
        + '<a href="https://s.example/{{ x }}">x</a>' * count
        + '<a href="mailto:x@y.example">m</a>'
    )
    assert flags(CALM, html=html) == found
    assert flags(CALM + " https://s.example/a" * count) == found


@pytest.mark.req("CAM-95")
@pytest.mark.parametrize("host", ["bit.ly", "tinyurl.com", "goo.gl", "ow.ly", "www.bit.ly"])
def test_shorteners_count_in_addition(host: str) -> None:
    assert flags(f"{CALM} https://{host}/x") == [("url_shortener", 2)]
    assert flags(f"{CALM} https://not{host.removeprefix('www.')}/x") == []


@pytest.mark.req("CAM-95")
def test_pictures_with_hardly_any_text_are_heavy() -> None:
    picture = '<img src="https://i.example/x.png">'
    assert flags(CALM, html=f"<p>short</p>{picture * 2}") == [("image_heavy", 2)]
    assert flags(CALM, html=f"<p>short</p>{picture}") == []
    assert flags(CALM, html=f"<p>{CALM * 3}</p>{picture * 2}") == []


@pytest.mark.req("CAM-95")
def test_the_score_decides_and_advises() -> None:
    report = score_spam(
        "email", "Re: WINNER", "VIAGRA AND PILLS FOR EVERYBODY OUT THERE " * 5 + " https://bit.ly/x" * 11
    )
    assert not report.passed
    assert len(report.recommendations) == 3
    assert score_spam("email", "Re: yes", CALM + " free").score == 5
    assert score_spam("email", "Re: yes", CALM + " free").passed


@pytest.mark.req("CAM-95")
def test_sms_and_push_are_judged_by_words_capitals_and_punctuation_only() -> None:
    assert flags(CALM + " https://bit.ly/x" * 11, subject="RE: AB", channel="sms") == []
    assert flags("free !!!!!!", subject="", channel="push") == [
        ("medium_risk_word", 2),
        ("excessive_exclamation", 2),
    ]


def test_expressions_of_the_template_language_count_as_nothing() -> None:
    assert flags(CALM + " {{ FREE_PRIZE }}{% if a != b %}{% endif %}" + "{{ x != y }}" * 9) == []
