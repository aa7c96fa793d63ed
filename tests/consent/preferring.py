"""Saying what contacts want, in few words."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from google.protobuf.field_mask_pb2 import FieldMask

from angarium.common.v1 import enums_pb2 as common
from angarium.consent.v1 import consent_pb2
from angarium.consent.v1 import preference_service_pb2 as pb
from tests.consent.kit import Calls, Tenant

IN_APP = common.CHANNEL_IN_APP
DAILY, WEEKLY = pb.FREQUENCY_DAILY, pb.FREQUENCY_WEEKLY
MARKETING_GROUP, PAYMENT_GROUP = pb.CATEGORY_GROUP_MARKETING, pb.CATEGORY_GROUP_PAYMENT


def channel(number: int, *, on: bool = True, often: int = 0) -> pb.ChannelPreference:
    return pb.ChannelPreference(channel=number, is_enabled=on, frequency=often)  # type: ignore[arg-type]


def cell(
    target: int, channel: int, *, on: bool = True, often: int = 0, single: bool = False
) -> pb.CategoryPreference:
    """A cell of a group, or with `single` of one category."""
    named: dict[str, Any] = {"category" if single else "group": target}
    return pb.CategoryPreference(channel=channel, is_enabled=on, frequency=often, **named)  # type: ignore[arg-type]


async def get(tenant: Tenant, contact: UUID, calls: Calls | None = None) -> pb.Preferences:
    calls = calls or tenant.staff()
    request = pb.GetPreferencesRequest(contact_id=str(contact))
    return (await calls.call(calls.preferences.GetPreferences, request)).preferences  # type: ignore[no-any-return]


async def update(
    tenant: Tenant,
    contact: UUID,
    mask: str,
    *,
    etag: str | None = None,
    changed_by: str = "",
    reason: str = "",
    calls: Calls | None = None,
    **fields: Any,
) -> pb.Preferences:
    """Updates the fields of a mask, of the state that stands unless an etag says which."""
    calls = calls or tenant.staff()
    if etag is None:
        etag = (await get(tenant, contact, calls)).etag
    request = pb.UpdatePreferencesRequest(
        preferences=pb.Preferences(contact_id=str(contact), etag=etag, **fields),
        update_mask=FieldMask(paths=mask.split(",")) if mask else None,
        changed_by=changed_by,
        reason=reason,
    )
    return (await calls.call(calls.preferences.UpdatePreferences, request)).preferences  # type: ignore[no-any-return]


async def set_cells(
    tenant: Tenant, contact: UUID, *cells: pb.CategoryPreference, calls: Calls | None = None
) -> pb.Preferences:
    calls = calls or tenant.staff()
    request = pb.SetCategoryPreferencesRequest(contact_id=str(contact), categories=cells)
    return (await calls.call(calls.preferences.SetCategoryPreferences, request)).preferences  # type: ignore[no-any-return]


async def switch(
    tenant: Tenant, contact: UUID, channel: int, *, on: bool, calls: Calls | None = None, **fields: Any
) -> Any:
    """Subscribes to a channel, or unsubscribes from it."""
    calls = calls or tenant.staff()
    who = {"contact_id": str(contact), "channel": channel}
    if on:
        fields = {"source": consent_pb2.CONSENT_SOURCE_WEB_FORM, **fields}
        request = pb.SubscribeToChannelRequest(**who, **fields)  # type: ignore[arg-type]
        return await calls.call(calls.preferences.SubscribeToChannel, request)
    return await calls.call(
        calls.preferences.UnsubscribeFromChannel,
        pb.UnsubscribeFromChannelRequest(**who, **fields),  # type: ignore[arg-type]
    )


async def history(tenant: Tenant, contact: UUID, calls: Calls | None = None) -> list[pb.PreferenceChange]:
    calls = calls or tenant.staff()
    request = pb.ListPreferenceHistoryRequest(contact_id=str(contact), page_size=200)
    return list((await calls.call(calls.preferences.ListPreferenceHistory, request)).changes)


def grid(preferences: pb.Preferences) -> dict[tuple[str, int], pb.CategoryPreference]:
    """The cells by their target, groups by their word and categories by their name in the contract."""
    return {
        (
            common.Category.Name(one.category)
            if one.WhichOneof("target") == "category"
            else pb.CategoryGroup.Name(one.group).removeprefix("CATEGORY_GROUP_").lower(),
            int(one.channel),
        ): one
        for one in preferences.categories
    }
