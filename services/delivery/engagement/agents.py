"""User agents of those who fetch pixels and links, as data: what a word in it says about who asks.

Sources: the programs' own documentation and the strings they send; reviewed 2026-11. The first rule that fits decides.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from services.delivery.engagement.classes import Class


@dataclass(frozen=True, slots=True)
class AgentRule:
    """A family of user agents; None leaves the decision to the rules that follow."""

    family: str
    pattern: re.Pattern[str]
    on_open: Class | None
    on_click: Class | None


def _rule(family: str, pattern: str, on_open: Class | None, on_click: Class | None) -> AgentRule:
    return AgentRule(family, re.compile(pattern, re.IGNORECASE), on_open, on_click)


_S, _P, _A = Class.SCANNER, Class.PROXY, Class.PRIVACY_PREFETCH

RULES: Final = (
    # Image proxies of webmail: they fetch when a person opens the mail, and hide who that is.
    _rule("google_image_proxy", r"GoogleImageProxy", _P, _S),
    _rule("yahoo_mail_proxy", r"YahooMailProxy|YahooCacheSystem", _P, _S),
    _rule("outlook_proxy", r"OutlookImageProxy|Outlook-Image-Proxy", _P, _S),
    _rule("duckduckgo_proxy", r"DuckDuckGo-Email|DuckDuckBot-Https", _P, _S),
    _rule("proton_proxy", r"ProtonMail|ProtonImageProxy", _P, _S),
    # Mail Privacy Protection sends exactly this and nothing more, opened or not.
    _rule("apple_mail_privacy", r"^Mozilla/5\.0$", _A, _S),
    # Security scanners that say who they are.
    _rule("proofpoint", r"proofpoint|urldefense|url-defense", _S, _S),
    _rule("mimecast", r"mimecast", _S, _S),
    _rule("barracuda", r"barracuda", _S, _S),
    _rule("microsoft_safe_links", r"SafeLinks|ms-safelinks|MicrosoftPreview|BingPreview", _S, _S),
    _rule("symantec", r"symantec|messagelabs|bluecoat", _S, _S),
    _rule("trend_micro", r"trendmicro|trend micro|TMUFE", _S, _S),
    _rule("cisco", r"ironport|cisco-?(esa|umbrella|talos)|opendns", _S, _S),
    _rule("fortinet", r"fortinet|fortiguard|fortisandbox", _S, _S),
    _rule("sophos", r"sophos|reflexion", _S, _S),
    _rule("zscaler", r"zscaler", _S, _S),
    _rule("forcepoint", r"forcepoint|websense", _S, _S),
    _rule("trellix", r"fireeye|trellix|mcafee", _S, _S),
    _rule("checkpoint", r"avanan|check ?point|harmony", _S, _S),
    _rule("urlscan", r"urlscan|virustotal|phishtank|netcraft|bitdefender|kaspersky", _S, _S),
    # Previews of messengers and networks.
    _rule(
        "link_preview",
        r"Slackbot|facebookexternalhit|Facebot|Twitterbot|LinkedInBot|TelegramBot|WhatsApp/|Discordbot|SkypeUriPreview|"
        r"Pinterestbot|redditbot|Iframely|embedly",
        _S,
        _S,
    ),
    # Programs, not people.
    _rule(
        "http_library",
        r"^$|^-$|Go-http-client|python-requests|python-urllib|aiohttp|httpx|^curl/|^Wget|libwww-perl|^Java/|"
        r"Apache-HttpClient|okhttp|axios|node-fetch|undici|^Ruby|Guzzle|^PHP|^lua-resty|HTTPie|PostmanRuntime",
        _S,
        _S,
    ),
    _rule(
        "headless_browser",
        r"HeadlessChrome|PhantomJS|Puppeteer|Playwright|Selenium|Electron/.*prerender",
        _S,
        _S,
    ),
    _rule(
        "crawler",
        r"\bbot\b|bot[/;)]|crawl|spider|slurp|archiver|monitor|scan(ner)?\b|checker\b|validator",
        _S,
        _S,
    ),
    # Mail programs and browsers: whether it is a person is decided by the rest.
    _rule("outlook", r"Microsoft Outlook|ms-office|MSOffice", None, None),
    _rule("thunderbird", r"Thunderbird|Betterbird", None, None),
    _rule("apple_mail", r"AppleWebKit/[0-9.]+ \(KHTML, like Gecko\)$|Mail/[0-9.]+ CFNetwork", None, None),
    _rule("edge", r"\bEdgA?(iOS)?/", None, None),
    _rule("opera", r"\bOPR/|\bOpera", None, None),
    _rule("samsung_internet", r"SamsungBrowser", None, None),
    _rule("firefox", r"Firefox/|FxiOS/", None, None),
    _rule("chrome", r"Chrome/|CriOS/", None, None),
    _rule("safari", r"Version/[0-9.]+.*Safari/", None, None),
)

OTHER: Final = AgentRule("other", re.compile(""), None, None)


@lru_cache(maxsize=8192)
def rule_of(user_agent: str) -> AgentRule:
    """Returns the rule a user agent falls under."""
    text = user_agent.strip()
    return next((rule for rule in RULES if rule.pattern.search(text)), OTHER)
