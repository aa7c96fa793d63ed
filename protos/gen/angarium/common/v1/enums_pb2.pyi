from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from typing import ClassVar as _ClassVar

DESCRIPTOR: _descriptor.FileDescriptor

class Channel(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CHANNEL_UNSPECIFIED: _ClassVar[Channel]
    CHANNEL_EMAIL: _ClassVar[Channel]
    CHANNEL_SMS: _ClassVar[Channel]
    CHANNEL_WHATSAPP: _ClassVar[Channel]
    CHANNEL_PUSH: _ClassVar[Channel]
    CHANNEL_IN_APP: _ClassVar[Channel]
    CHANNEL_WEBHOOK: _ClassVar[Channel]

class MessageClass(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    MESSAGE_CLASS_UNSPECIFIED: _ClassVar[MessageClass]
    MESSAGE_CLASS_TRANSACTIONAL: _ClassVar[MessageClass]
    MESSAGE_CLASS_MARKETING: _ClassVar[MessageClass]
    MESSAGE_CLASS_SYSTEM: _ClassVar[MessageClass]

class Category(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CATEGORY_UNSPECIFIED: _ClassVar[Category]
    CATEGORY_PAYMENT: _ClassVar[Category]
    CATEGORY_REFUND: _ClassVar[Category]
    CATEGORY_ORDER: _ClassVar[Category]
    CATEGORY_TAX_DOCUMENT: _ClassVar[Category]
    CATEGORY_PAYOUT: _ClassVar[Category]
    CATEGORY_PAYMENT_FAILED: _ClassVar[Category]
    CATEGORY_GROUP_PAYMENT: _ClassVar[Category]
    CATEGORY_EVENT_UPDATE: _ClassVar[Category]
    CATEGORY_TICKET: _ClassVar[Category]
    CATEGORY_RESERVATION: _ClassVar[Category]
    CATEGORY_WAITING_ROOM: _ClassVar[Category]
    CATEGORY_EVENT_REMINDER: _ClassVar[Category]
    CATEGORY_APPOINTMENT: _ClassVar[Category]
    CATEGORY_ACCOUNT: _ClassVar[Category]
    CATEGORY_MEMBERSHIP_NOTICE: _ClassVar[Category]
    CATEGORY_PACKAGE_NOTICE: _ClassVar[Category]
    CATEGORY_LOYALTY_NOTICE: _ClassVar[Category]
    CATEGORY_PRIVACY: _ClassVar[Category]
    CATEGORY_ACCOUNT_SECURITY: _ClassVar[Category]
    CATEGORY_URGENT: _ClassVar[Category]
    CATEGORY_OFFER: _ClassVar[Category]
    CATEGORY_NEWSLETTER: _ClassVar[Category]
    CATEGORY_ANNOUNCEMENT: _ClassVar[Category]
    CATEGORY_VISIT_FOLLOWUP: _ClassVar[Category]
    CATEGORY_REBOOKING: _ClassVar[Category]
    CATEGORY_MEMBERSHIP_OFFER: _ClassVar[Category]
    CATEGORY_PACKAGE_OFFER: _ClassVar[Category]
    CATEGORY_WIN_BACK: _ClassVar[Category]
    CATEGORY_BIRTHDAY: _ClassVar[Category]
    CATEGORY_ANNIVERSARY: _ClassVar[Category]
    CATEGORY_FEEDBACK: _ClassVar[Category]
    CATEGORY_LOYALTY: _ClassVar[Category]
    CATEGORY_REFERRAL: _ClassVar[Category]
    CATEGORY_CART: _ClassVar[Category]
    CATEGORY_STAFF_ALERT: _ClassVar[Category]
    CATEGORY_DISPUTE: _ClassVar[Category]
    CATEGORY_BILLING: _ClassVar[Category]

class Priority(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    PRIORITY_UNSPECIFIED: _ClassVar[Priority]
    PRIORITY_CRITICAL: _ClassVar[Priority]
    PRIORITY_HIGH: _ClassVar[Priority]
    PRIORITY_NORMAL: _ClassVar[Priority]
    PRIORITY_LOW: _ClassVar[Priority]

class WhatsAppApprovalState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    WHATS_APP_APPROVAL_STATE_UNSPECIFIED: _ClassVar[WhatsAppApprovalState]
    WHATS_APP_APPROVAL_STATE_PENDING: _ClassVar[WhatsAppApprovalState]
    WHATS_APP_APPROVAL_STATE_APPROVED: _ClassVar[WhatsAppApprovalState]
    WHATS_APP_APPROVAL_STATE_REJECTED: _ClassVar[WhatsAppApprovalState]
    WHATS_APP_APPROVAL_STATE_PAUSED: _ClassVar[WhatsAppApprovalState]
    WHATS_APP_APPROVAL_STATE_DISABLED: _ClassVar[WhatsAppApprovalState]
CHANNEL_UNSPECIFIED: Channel
CHANNEL_EMAIL: Channel
CHANNEL_SMS: Channel
CHANNEL_WHATSAPP: Channel
CHANNEL_PUSH: Channel
CHANNEL_IN_APP: Channel
CHANNEL_WEBHOOK: Channel
MESSAGE_CLASS_UNSPECIFIED: MessageClass
MESSAGE_CLASS_TRANSACTIONAL: MessageClass
MESSAGE_CLASS_MARKETING: MessageClass
MESSAGE_CLASS_SYSTEM: MessageClass
CATEGORY_UNSPECIFIED: Category
CATEGORY_PAYMENT: Category
CATEGORY_REFUND: Category
CATEGORY_ORDER: Category
CATEGORY_TAX_DOCUMENT: Category
CATEGORY_PAYOUT: Category
CATEGORY_PAYMENT_FAILED: Category
CATEGORY_GROUP_PAYMENT: Category
CATEGORY_EVENT_UPDATE: Category
CATEGORY_TICKET: Category
CATEGORY_RESERVATION: Category
CATEGORY_WAITING_ROOM: Category
CATEGORY_EVENT_REMINDER: Category
CATEGORY_APPOINTMENT: Category
CATEGORY_ACCOUNT: Category
CATEGORY_MEMBERSHIP_NOTICE: Category
CATEGORY_PACKAGE_NOTICE: Category
CATEGORY_LOYALTY_NOTICE: Category
CATEGORY_PRIVACY: Category
CATEGORY_ACCOUNT_SECURITY: Category
CATEGORY_URGENT: Category
CATEGORY_OFFER: Category
CATEGORY_NEWSLETTER: Category
CATEGORY_ANNOUNCEMENT: Category
CATEGORY_VISIT_FOLLOWUP: Category
CATEGORY_REBOOKING: Category
CATEGORY_MEMBERSHIP_OFFER: Category
CATEGORY_PACKAGE_OFFER: Category
CATEGORY_WIN_BACK: Category
CATEGORY_BIRTHDAY: Category
CATEGORY_ANNIVERSARY: Category
CATEGORY_FEEDBACK: Category
CATEGORY_LOYALTY: Category
CATEGORY_REFERRAL: Category
CATEGORY_CART: Category
CATEGORY_STAFF_ALERT: Category
CATEGORY_DISPUTE: Category
CATEGORY_BILLING: Category
PRIORITY_UNSPECIFIED: Priority
PRIORITY_CRITICAL: Priority
PRIORITY_HIGH: Priority
PRIORITY_NORMAL: Priority
PRIORITY_LOW: Priority
WHATS_APP_APPROVAL_STATE_UNSPECIFIED: WhatsAppApprovalState
WHATS_APP_APPROVAL_STATE_PENDING: WhatsAppApprovalState
WHATS_APP_APPROVAL_STATE_APPROVED: WhatsAppApprovalState
WHATS_APP_APPROVAL_STATE_REJECTED: WhatsAppApprovalState
WHATS_APP_APPROVAL_STATE_PAUSED: WhatsAppApprovalState
WHATS_APP_APPROVAL_STATE_DISABLED: WhatsAppApprovalState
