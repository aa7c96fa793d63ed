"""What an account of a provider is made of: its settings, its credentials, and what may be in them (DEL-5).

Plain data and checks: a kind is read wherever accounts are edited, without loading the provider's libraries.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

DEFAULT_PRIORITY: Final = 10

Problem = tuple[str, str]
"""A field, and what it must be."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What this deployment allows."""

    production: bool
    recording: bool
    is_platform: bool = False


Check = Callable[[Any, Rules], str | None]
"""Says what a value must be when it is not; None when it may stand. An absent setting is None."""


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting of an account; `optional` ones are checked only when they are given."""

    check: Check
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Credential:
    """A credential of an account: write-only, and one line unless it is a key of several."""

    optional: bool = False
    lines: bool = False


Credentials = Mapping[str, str]


def nothing_more(_: Mapping[str, Any]) -> Iterator[Problem]:
    """Finds nothing wrong with settings or credentials as a whole."""
    return iter(())


@dataclass(frozen=True, slots=True)
class Kind:
    """A provider as accounts know it.

    Attributes:
        name: The word accounts and webhooks name it by.
        channels: Words of the channels it carries.
        adapter: Name of the class in its `adapter` module.
        settings: What `config` may hold.
        credentials: What the credentials may hold.
        whole: Finds what is wrong with credentials taken together.
        config_whole: Finds what is wrong with settings taken together.
        has_webhook: Whether it tells by a webhook; others tell in other ways, or not at all.
        webhook_secret: The credential that the gateway checks webhooks with; empty where a setting holds a public key.
        webhook_seconds: How old a signature of its webhook may be.
        webhook_challenge: The credential that whoever sets up its webhook names; empty where nothing is confirmed.
        echoes: Whether its events name our own reference; where not, its names of messages are kept for a month.
        polls: Whether it is asked later what became of messages, or what they cost.
        priority: The place of its accounts where none is set; lower goes first.
    """

    name: str
    channels: Collection[str]
    adapter: str
    settings: Mapping[str, Setting]
    credentials: Mapping[str, Credential] = field(default_factory=dict)
    whole: Callable[[Credentials], Iterator[Problem]] = nothing_more
    config_whole: Callable[[Mapping[str, Any]], Iterator[Problem]] = nothing_more
    has_webhook: bool = True
    webhook_secret: str = ""
    webhook_seconds: int = 300
    webhook_challenge: str = ""
    echoes: bool = True
    polls: bool = False
    priority: int = DEFAULT_PRIORITY

    def config_problems(self, config: Mapping[str, Any], rules: Rules) -> Iterator[Problem]:
        """Yields what is wrong with the settings of an account, each with its field."""
        for name in sorted(config.keys() - self.settings.keys()):
            yield f"config.{name}", f"is not a setting of {self.name}"
        for name, setting in self.settings.items():
            if setting.optional and name not in config:
                continue
            wrong = setting.check(config.get(name), rules)
            if wrong is not None:
                yield f"config.{name}", wrong
        yield from self.config_whole(config)

    def credential_problems(self, credentials: Credentials) -> Iterator[Problem]:
        """Yields what is wrong with credentials, by their names only."""
        for name in sorted(credentials.keys() - self.credentials.keys()):
            yield f"credentials.{name}", f"is not a credential of {self.name}"
        for name, credential in self.credentials.items():
            value = credentials.get(name)
            if not value:
                if not credential.optional:
                    yield f"credentials.{name}", "is needed"
            elif not credential.lines and any(ord(one) < 32 or ord(one) == 127 for one in value):
                yield f"credentials.{name}", "must be one line"
        yield from self.whole(credentials)


def together(credentials: Credentials, names: Collection[str]) -> Iterator[Problem]:
    """Yields which of some credentials are missing beside the others."""
    given = [name for name in names if credentials.get(name)]
    if given:
        for name in names:
            if name not in given:
                yield f"credentials.{name}", f"belongs to {given[0]}"
