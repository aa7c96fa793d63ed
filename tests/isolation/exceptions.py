"""Methods that the probes of test_calls.py do not fit, and why."""

from __future__ import annotations

ADMINISTERED = {
    "analytics.v1.IngestService.RebuildRollups": "counts anew what is there, of all tenants",
    "campaign.v1.SettingsService.CloseTenant": "tenants are managed by the deployment",
    "campaign.v1.SettingsService.CreateTenant": "tenants are managed by the deployment",
    "campaign.v1.SettingsService.ListTenants": "tenants are managed by the deployment",
    "campaign.v1.SettingsService.ResumeTenant": "tenants are managed by the deployment",
    "campaign.v1.SettingsService.SuspendTenant": "tenants are managed by the deployment",
    "campaign.v1.SettingsService.UpdateTenant": "tenants are managed by the deployment",
    "common.v1.JobService.ListJobs": "jobs work across tenants",
    "common.v1.JobService.RunJob": "jobs work across tenants",
    "delivery.v1.LaneService.DrainLane": "lanes belong to the deployment; its admins name the tenant",
    "delivery.v1.LaneService.GetLaneMetrics": "lanes belong to the deployment; its admins name the tenant",
    "delivery.v1.LaneService.PauseLane": "lanes belong to the deployment; its admins name the tenant",
    "delivery.v1.LaneService.ResumeLane": "lanes belong to the deployment; its admins name the tenant",
    "delivery.v1.LimitService.DeleteRateLimitRule": "limits are set by the deployment; its admins name the tenant",
    "delivery.v1.LimitService.GetRateLimitStatus": "limits are set by the deployment; its admins name the tenant",
    "delivery.v1.LimitService.ListRateLimitRules": "limits are set by the deployment; its admins name the tenant",
    "delivery.v1.LimitService.ResetRateLimit": "limits are set by the deployment; its admins name the tenant",
    "delivery.v1.LimitService.SetRateLimitRule": "limits are set by the deployment; its admins name the tenant",
    "consent.v1.LedgerService.ListReceiptKeys": "public keys, for whoever verifies a receipt",
}
"""Methods that nobody of a tenant may call, or that anybody may."""

SHARED = {
    "campaign.v1.EventIntakeService.ResolveIntakeKey": "asked by the gateway, which learns the tenant from the key",
}
"""Methods that find a tenant's thing for a caller who is of no tenant yet."""

_SIGNED = "takes signed tokens only, and a token names its tenant itself"
_TEMPLATES = "asks campaign for the template first, and nobody is there"
_PROVIDERS = "needs an account or a key of a provider, of which made-up rows have none"
_ETAG = "asks for the etag that was read, before it looks at anything named"
_RULES = "names a rule of the platform, which is every tenant's"
_STATE = "takes things in a state that made-up rows are not in"
_WRITTEN = "keeps what it is given, whether it was there or not"
_REFUSED = "refuses what is asked for what is in it, before it looks for what it names"

BLIND = {
    "analytics.v1.IngestService.IngestEvents": "takes events of sources; what they name is never asked for",
    "campaign.v1.AutomationService.CreateAutomation": _REFUSED,
    "campaign.v1.ContactService.UpsertStaffMember": _WRITTEN,
    "campaign.v1.EventIntakeService.IngestEvents": "takes events signed at the gateway",
    "campaign.v1.EventIntakeService.StreamEvents": "takes events of neighbours; what they name is asked for later",
    "campaign.v1.FeedbackService.ResolveFeedbackToken": _SIGNED,
    "campaign.v1.FeedbackService.SubmitFeedback": _SIGNED,
    "campaign.v1.FollowupService.ListInactiveContacts": _STATE,
    "campaign.v1.NotificationRuleService.ListNotificationRules": _RULES,
    "campaign.v1.NotificationRuleService.ResetNotificationRule": _RULES,
    "campaign.v1.NotificationRuleService.UpdateNotificationRule": _RULES,
    "campaign.v1.ReferralService.UpdateReferralSettings": _ETAG,
    "campaign.v1.SettingsService.GetTenant": "shows the caller's own tenant, and made-up tenants have an id besides",
    "campaign.v1.SettingsService.UpdateMarketingSettings": _ETAG,
    "campaign.v1.TemplateService.CreateTemplate": _WRITTEN,
    "campaign.v1.TemplateService.ResolveTemplate": _STATE,
    "campaign.v1.TriggerService.UpdateTriggerConfig": _ETAG,
    "consent.v1.ConsentService.ConfirmConsent": _SIGNED,
    "consent.v1.ConsentService.ImportConsents": "takes rows about anybody: who is nowhere yet may come later",
    "consent.v1.PreferenceService.RequestFreshLink": _SIGNED,
    "consent.v1.PreferenceService.ResolveToken": _SIGNED,
    "consent.v1.PreferenceService.Unsubscribe": _SIGNED,
    "consent.v1.PreferenceService.UpdatePreferencesByToken": _SIGNED,
    "consent.v1.PrivacyService.CreateErasure": "asks for the contact's phrase, which is refused before anything",
    "consent.v1.SuppressionService.FollowStopLink": _SIGNED,
    "consent.v1.SuppressionService.ResolveStopLink": _SIGNED,
    "delivery.v1.CostService.UpsertRateCard": _REFUSED,
    "delivery.v1.DeadLetterService.BatchRetryDeadLetters": _STATE,
    "delivery.v1.DeadLetterService.DiscardDeadLetter": _STATE,
    "delivery.v1.DeadLetterService.RetryDeadLetter": _STATE,
    "delivery.v1.DeviceService.RegisterDevice": _WRITTEN,
    "delivery.v1.InboxService.ListInboxItems": _STATE,
    "delivery.v1.InboxService.WatchInbox": "shows what comes from now on",
    "delivery.v1.MediaService.ReadMedia": _SIGNED,
    "delivery.v1.MessageService.CancelMessages": _STATE,
    "delivery.v1.MessageService.SendBatch": _TEMPLATES,
    "delivery.v1.MessageService.SendMessage": _TEMPLATES,
    "delivery.v1.MessageService.StreamMessages": _TEMPLATES,
    "delivery.v1.MessageService.WatchMessages": "shows what comes from now on",
    "delivery.v1.ProviderService.CreateProviderAccount": _REFUSED,
    "delivery.v1.ReceiptService.RecordEngagement": _SIGNED,
    "delivery.v1.ReceiptService.ResolveWebhookAccount": _SIGNED,
    "delivery.v1.TemplateReviewService.GetTemplateReviews": _PROVIDERS,
    "delivery.v1.TemplateReviewService.SubmitTemplate": _PROVIDERS,
    "delivery.v1.WalletService.CreateTicketQr": "signs what it is given, and keeps nothing",
    "delivery.v1.WalletService.CreateWalletPass": _PROVIDERS,
    "delivery.v1.WalletService.OfferWalletPasses": _PROVIDERS,
    "delivery.v1.WalletService.UpdateEventPasses": _STATE,
    "delivery.v1.WebhookService.CallWebhook": _WRITTEN,
    "delivery.v1.WebhookService.CreateWebhookSubscription": _WRITTEN,
}
"""Methods that do not tell an id's own tenant from others in the way they are asked here, and why."""
