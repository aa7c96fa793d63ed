"""What requests need besides ids to be understood: by field, by name of a field, by method."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from google.protobuf.struct_pb2 import Struct
from google.protobuf.timestamp_pb2 import Timestamp


def at(**ago: int) -> Timestamp:
    stamp = Timestamp()
    stamp.FromDatetime(datetime.now(UTC) - timedelta(**ago))
    return stamp


OUTSIDE = {
    "idempotency_key",
    "language_code",
    "fallback_language_code",
    "default_language_code",
    "language_codes",
    "currency_code",
    "region_code",
    "country_code",
    "page_token",
    "first_name",
    "last_name",
    "display_name",
    "file_name",
    "resume_token",
    "variant_key",
    "fallback_variant_key",
    "sms_sender_id",
    "inline_id",
    "traceparent",
    "angarium.campaign.v1.CampaignVariant.key",
    "angarium.campaign.v1.CampaignVariant.name",
    "angarium.campaign.v1.TemplateVariable.name",
    "angarium.delivery.v1.SubmitTemplateRequest.name",
}
"""Texts that are called names, keys or codes and name nothing that a tenant has."""

BY_NAME: dict[str, Any] = {
    "start_time": at(days=1),
    "end_time": at(days=-1),
    "date": "2026-11-20",
    "language_code": "en",
    "currency_code": "EUR",
    "region_code": "DE",
    "address": "ada@example.com",
    "time_zone": "Europe/Berlin",
}
BY_FIELD: dict[str, Any] = {
    "angarium.consent.v1.HandleInboundTextRequest.channel": 2,
    "angarium.delivery.v1.RecordInboundMessageRequest.channel": 2,
    "angarium.delivery.v1.DrainLaneRequest.lane": 2,
    "angarium.campaign.v1.CampaignVariant.key": "a",
    "angarium.campaign.v1.ApplyReferralRequest.referral_code": "ABCD2345",
    "angarium.campaign.v1.ApplyReferralRequest.referred_phone": "+4915112345678",
    "angarium.delivery.v1.SubmitTemplateRequest.name": "hello",
    "angarium.consent.v1.DndImportHeader.registry": "IN_NCPR",
}
SPELLED: dict[str, Callable[[str], str]] = {
    "angarium.campaign.v1.ApplyReferralRequest.referral_code": lambda own: own[-8:].upper(),
}
"""Places that hold less than a whole id."""

EVIDENCE = Struct()
EVIDENCE.update({"form": "paper"})
TODAY = f"{datetime.now(UTC):%Y-%m-%d}"
EURO = {"currency_code": "EUR", "units": 10}
RECIPIENT = {"contact_id": None}
CONTENT = {"channel": 1, "category": 5}
RULE = {"operator": 1, "conditions": {"field": "visit_count", "operator": 3, "value": {"number_value": 0}}}
URL = "https://example.com/hook"

ALWAYS: dict[str, dict[str, Any]] = {
    f"angarium.{name}": fields
    for name, fields in {
        "consent.v1.ConsentService.CancelOptOut": {"evidence": EVIDENCE},
        "consent.v1.ConsentService.HandleInboundText": {"from_address": "+4915112345678", "text": "STOP"},
        "consent.v1.ConsentService.ImportConsents": {
            "rows": {"channel": 1, "message_class": 2, "state": 2, "source": 4, "event_time": at(days=2)}
        },
        "consent.v1.ComplianceService.EvaluateSendBatch": {"items": {"contact_id": None, "message_id": None}},
        "campaign.v1.SegmentService.CreateSegment": {"segment": {"rule": RULE}},
        "campaign.v1.SegmentService.PreviewSegment": {"rule": RULE},
        "campaign.v1.TemplateService.CreateTemplate": {"template": {"category": 21}},
        "campaign.v1.CouponService.CreateCoupon": {
            "coupon": {
                "valid_from_date": TODAY,
                "valid_until_date": TODAY,
                "max_uses_per_contact": 1,
                "percentage": 500,
            }
        },
        "campaign.v1.CouponService.ValidateCoupon": {"order": {"amount": EURO}},
        "campaign.v1.CouponService.ReserveCoupon": {"order": {"amount": EURO}},
        "campaign.v1.CouponService.RedeemCoupon": {"order": {"amount": EURO}},
        "campaign.v1.FollowupService.CreateFollowup": {
            "followup": {"reminder_date": "2099-01-01", "note": "call", "staff_id": None}
        },
        "delivery.v1.MessageService.SendMessage": {"content": CONTENT, "recipient": RECIPIENT},
        "delivery.v1.MessageService.SendBatch": {"content": CONTENT, "recipients": RECIPIENT},
        "delivery.v1.MessageService.StreamMessages": {"batch": {"content": CONTENT, "recipients": RECIPIENT}},
        "delivery.v1.InboxService.ListInboxItems": {"contact_id": None},
        "delivery.v1.CostService.UpsertRateCard": {"rate_card": {"provider": "sendgrid", "cost": EURO}},
        "delivery.v1.ProviderService.CreateProviderAccount": {"provider_account": {"provider": "smtp"}},
        "delivery.v1.DeviceService.RegisterDevice": {"contact_id": None, "token": "ab" * 32},
        "delivery.v1.WebhookService.CreateWebhookSubscription": {"webhook_subscription": {"url": URL}},
        "delivery.v1.WebhookService.CallWebhook": {"url": URL},
    }.items()
}
MASKS = {
    "ContactConsent": "email_consent",
    "Preferences": "sms_critical_only",
    "MarketingSettings": "marketing_enabled",
    "BranchSettings": "name",
    "Segment": "name",
    "Campaign": "name",
    "Template": "description",
    "TemplateContent": "subject",
    "NotificationRule": "is_enabled",
    "TriggerConfig": "cooldown_days",
    "Automation": "name",
    "Coupon": "name",
    "ReferralSettings": "is_enabled",
    "Followup": "note",
    "PassFields": "venue_name",
    "ProviderAccount": "name",
    "WebhookSubscription": "name",
    "Contact": "source",
    "Tenant": "name",
}
"""A field of each resource that may be changed."""
WHERE_NEEDED: dict[str, dict[str, Any]] = {
    f"angarium.{name}": fields
    for name, fields in {
        "analytics.v1.ReportService.GetLinkReport": {"campaign_id": None},
        "analytics.v1.ReportService.GetReminderEffectiveness": {"rule": None},
        "campaign.v1.AutomationService.RecordCart": {"cart": {"cart_ref": None, "contact_id": None}},
        "campaign.v1.CampaignService.SendTestMessage": {"staff_ids": None},
        "campaign.v1.CampaignService.EstimateCampaign": {"campaign_id": None},
        "campaign.v1.ContactService.BatchUpsertContacts": {"contacts": {"external_id": None}},
        "campaign.v1.ContactService.UpdateContactTags": {"add_tags": ["vip"]},
        "campaign.v1.ContactService.UpdateContactAttributes": {"remove_keys": ["size"]},
        "campaign.v1.ContactService.ResolveStaff": {"staff_ids": None},
        "campaign.v1.CouponService.CreateCoupon": {"coupon": {"name": None}},
        "campaign.v1.EventIntakeService.IngestEvents": {"events_json": b"[]"},
        "campaign.v1.FollowupService.CreateFollowup": {"followup": {"contact_id": None}},
        "campaign.v1.NotificationRuleService.UpdateNotificationRule": {"rule": {"name": None}},
        "campaign.v1.ReferralService.ApplyReferral": {"referred_phone": "+4915112345678"},
        "campaign.v1.TemplateService.PreviewTemplate": {"template_id": None},
        "campaign.v1.TemplateService.CheckSpamScore": {"template_id": None},
        "campaign.v1.TriggerService.UpdateTriggerConfig": {"config": {"trigger_type": 1}},
        "consent.v1.ConsentService.ImportConsents": {"rows": {}},
        "delivery.v1.ReceiptService.RecordReceipts": {"provider_account_id": None},
        "delivery.v1.LimitService.SetRateLimitRule": {"rule": {"max_per_day": 1}},
        "delivery.v1.WalletService.VoidWalletPasses": {"event_ref": None},
    }.items()
}
