"""Cancellation of an order document. The older order system writes names in PascalCase, the newer in camelCase."""

from __future__ import annotations

import msgspec

from cdp_sync.vtex.fields import Minor, Scalar


class Cancellation(msgspec.Struct):
    reason: Scalar = None
    Reason: Scalar = None
    cancellationDate: Minor[Scalar] = None
    CancellationDate: Minor[Scalar] = None
    cancellationRequestId: Minor[Scalar] = None
    requestedByUser: Minor[bool | None] = None
    RequestedByUser: Minor[bool | None] = None
    requestedBySystem: Minor[bool | None] = None
    RequestedBySystem: Minor[bool | None] = None
    requestedBySellerNotification: Minor[bool | None] = None
    RequestedBySellerNotification: Minor[bool | None] = None
    requestedByPaymentNotification: Minor[bool | None] = None
    RequestedByPaymentNotification: Minor[bool | None] = None


class CancellationRequest(msgspec.Struct):
    id: Scalar = None
    reason: Scalar = None
    cancellationRequestDate: Scalar = None
    requestedByUser: bool | None = None
    deniedBySeller: bool | None = None
    deniedBySellerReason: Scalar = None
    cancellationRequestDenyDate: Scalar = None
