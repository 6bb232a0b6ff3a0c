"""Items of an order document."""

from __future__ import annotations

import msgspec

from cdp_sync.vtex.fields import Amount, Minor, Scalar


class PriceTag(msgspec.Struct, omit_defaults=True):
    name: Minor[Scalar] = None
    identifier: Minor[Scalar] = None
    value: Amount = None
    rawValue: Amount = None
    isPercentual: Minor[bool | None] = False


class Dimension(msgspec.Struct):
    weight: Scalar = None
    height: Scalar = None
    length: Scalar = None
    width: Scalar = None
    cubicweight: Scalar = None


class AdditionalInfo(msgspec.Struct):
    brandName: Scalar = None
    brandId: Scalar = None
    categoriesIds: Scalar = None
    dimension: Minor[Dimension | None] = None


class PriceDefinition(msgspec.Struct):
    total: Amount = None


class Item(msgspec.Struct):
    uniqueId: Scalar = None
    id: Scalar = None
    productId: Scalar = None
    ean: Scalar = None
    quantity: Amount = None
    seller: Scalar = None
    name: Scalar = None
    refId: Scalar = None
    price: Amount = None
    listPrice: Amount = None
    sellingPrice: Amount = None
    tax: Amount = None
    shippingPrice: Amount = None
    priceTags: list[PriceTag] | None = None
    additionalInfo: AdditionalInfo | None = None
    measurementUnit: Scalar = None
    unitMultiplier: Amount = None
    isGift: bool | None = None
    sellerSku: Minor[Scalar] = None
    costPrice: Minor[Amount] = None
    manualPrice: Minor[Amount] = None
    rewardValue: Minor[Amount] = None
    commission: Minor[Amount] = None
    freightCommission: Minor[Amount] = None
    priceDefinition: Minor[PriceDefinition | None] = None
    priceDefinitions: Minor[PriceDefinition | None] = None
    preSaleDate: Minor[Scalar] = None
    parentItemIndex: Minor[Amount] = None
    parentAssemblyBinding: Minor[Scalar] = None
    components: Minor[list[msgspec.Raw] | None] = None
    bundleItems: msgspec.Raw = msgspec.Raw()
    attachments: msgspec.Raw = msgspec.Raw()

    def line_total(self) -> Amount:
        """Return the price of all units, correctly rounded; older and newer documents spell its place differently."""
        definition = self.priceDefinition or self.priceDefinitions
        return definition.total if definition else None
