# ruff: noqa: E501  (values as the documents have them)
"""Rows of an order's parts, as each real document says them; what a row does not name is null."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from cdp_sync.rows.line_tables import LINE_TABLES
from cdp_sync.rows.order_rows import ORDER_COLUMNS, type_order

FIXTURES = Path(__file__).parent.parent / "fixtures" / "orders"
NEW_OF_AN_ORDER = ORDER_COLUMNS[ORDER_COLUMNS.index("discounts_agree") : ORDER_COLUMNS.index("typing_version")]

COMPANY_WITH_ALIASED_EMAIL = {
    "order_events": [
        {"discounts_agree": True, "rounding_error_cents": 0, "marketing_tags": [], "utmi_page": '', "utmi_part": '',
         "order_form_id": '8oo86te4n5bn9814a27399rlc11po584'},
    ],
    "order_items": [
        {"item_index": 0, "unique_id": 'IPDED44N95L84P51KD3A22595U68I6F5', "sku_id": '468933369',
         "product_id": '938795756', "seller_id": '1',
         "name": 'Ramoese cufa Aane - Te 24 r 22 Vv - Tsu-El 3 2 2 - Gbark - Sburbo', "ref_id": '468933369',
         "quantity": 1, "list_price_cents": 299700, "price_cents": 299700, "selling_price_cents": 299700,
         "tax_cents": 0, "discount_cents": 0, "measurement_unit": 'un', "unit_multiplier": Decimal('1'),
         "is_gift": False, "seller_sku": '468933369', "brand_id": '7948118', "brand_name": 'Mbigku',
         "category_ids": '/788/689/797/', "reward_value": Decimal('0'), "commission": Decimal('0'),
         "weight": 45150.0, "height": 130.5, "length": 270.0, "width": 150.0, "cubic_weight": 122.3439,
         "component_count": 0},
    ],
    "order_payments": [
        {"payment_index": 0, "payment_id": '192272C4652B2277237VT11368D32AGD',
         "transaction_id": '5929RVPDAU5A14L5A5AR5N7P979U4951', "is_active": True, "payment_system_id": '4',
         "payment_system": 'Lumvodgidr', "payment_group": 'creditCard', "value_cents": 320142,
         "reference_value_cents": 320142, "installments": 6, "tid": '69168622743TUVVDF6RR',
         "authorization_id": '492175', "nsu": '156223', "return_code": '1'},
    ],
    "order_packages": [],
    "order_package_items": [],
    "order_shipments": [
        {"shipment_index": 0, "item_index": 0, "sla": 'Cuncup',
         "promised_at": datetime(2018, 10, 20, 22, 19, 39, 483724, tzinfo=UTC), "shipping_estimate": '9bd',
         "list_price_cents": 20442, "price_cents": 20442, "selling_price_cents": 20442, "discount_cents": 0,
         "delivery_company": 'Murut_ Alrsatb', "courier_ids": '784', "warehouse_ids": '4', "dock_ids": '46ig5r8'},
    ],
    "order_promotions": [],
    "order_cancellations": [],
    "order_addresses": [
        {"address_index": 0, "address_id": 'k4enf88nrc4t132i282i293md9s6d5el', "address_type": 'residential',
         "receiver": 'Avefi Savvu', "street": 'Gio Asoptfa 622', "number": '3634', "complement": 'davobnef',
         "neighborhood": 'Miadma 6', "postal_code": '83795-331', "city": 'Ugicbeiga', "state": 'FO',
         "country": 'BRA'},
    ],
}  # fmt: skip

EDITED_WITHOUT_GROUP = {
    "order_events": [
        {"discounts_agree": True, "rounding_error_cents": 0, "is_checked_in": False,
         "order_form_id": 'kaou9869493u525n527fo4fd52949172',
         "changes": [{'reason': 'Srek', 'discountValue': 9870, 'incrementValue': 0, 'itemsAdded': [], 'itemsRemoved': [{'id': '3263489519', 'name': 'Muk Vat K', 'quantity': 1, 'price': 9870, 'unitMultiplier': None}], 'receipt': {'date': '2020-04-12T20:46:04.7336939+00:00', 'orderId': 't1322337kol-95', 'receipt': '734m6at7-698o-1b3u-kk91-5tr37k44g13m'}}]},
    ],
    "order_items": [
        {"item_index": 0, "unique_id": '88N8513758869S432746T8K9K2943842', "sku_id": '3263489519',
         "product_id": '5279713', "seller_id": '1', "name": 'Muk Vat K', "ref_id": 'VIPBULODVK', "quantity": 1,
         "list_price_cents": 9870, "price_cents": 9870, "selling_price_cents": 9870, "tax_cents": 0,
         "discount_cents": 0, "measurement_unit": 'un', "unit_multiplier": Decimal('1'), "is_gift": False,
         "seller_sku": '3263489519', "brand_id": '8588915', "brand_name": 'TNEF', "category_ids": '/6/',
         "reward_value": Decimal('0'), "commission": Decimal('0'), "freight_commission": Decimal('0'),
         "weight": 45.0, "height": 45.0, "length": 45.0, "width": 45.0, "cubic_weight": 0.7031,
         "component_count": 0},
    ],
    "order_payments": [
        {"payment_index": 0, "payment_id": 'C2CAEVEL2V5T4S5EEB9OL9G4BA349MB3',
         "transaction_id": '689325KA41395861E89VB827E489A493', "is_active": True, "merchant_name": 'posfkuvi',
         "payment_system_id": '6', "payment_system": 'Venoge Labtnpui', "payment_group": 'bankInvoice',
         "value_cents": 13350, "reference_value_cents": 13350, "installments": 1, "due_date": date(2020, 4, 8)},
    ],
    "order_packages": [],
    "order_package_items": [],
    "order_shipments": [
        {"shipment_index": 0, "item_index": 0, "sla": 'Cuncup', "delivery_channel": 'delivery',
         "promised_at": datetime(2020, 4, 10, 20, 33, 46, 782833, tzinfo=UTC), "shipping_estimate": '5bd',
         "list_price_cents": 3480, "price_cents": 3480, "selling_price_cents": 3480, "discount_cents": 0,
         "delivery_company": 'Birug ef SURC', "courier_ids": '486a89r', "warehouse_ids": '1_4', "dock_ids": '7',
         "address_id": '-6128838866668'},
    ],
    "order_promotions": [],
    "order_cancellations": [],
    "order_addresses": [
        {"address_index": 0, "address_id": '-6128838866668', "address_type": 'residential',
         "receiver": 'Mifcefe Tuvco', "street": 'Lsuui mo Ficuloci', "number": '668', "complement": '4',
         "neighborhood": 'Pipodomu', "postal_code": '71899-792', "city": 'Cee vo Fuveeke', "state": 'DG',
         "country": 'BRA'},
    ],
}  # fmt: skip

INVOICED_WITH_DISCOUNTS_AND_PACKAGE = {
    "order_events": [
        {"discounts_agree": True, "marketing_tags": [], "utmi_page": '', "utmi_part": '', "is_checked_in": False,
         "call_center_operator": '[PEN] Butiduglug'},
    ],
    "order_items": [
        {"item_index": 0, "unique_id": '84I34U8493445B7175661I314NGOPA5I', "sku_id": '1461', "product_id": '1461',
         "seller_id": '1', "name": 'Oiibsili', "quantity": 1, "list_price_cents": 23400, "price_cents": 18525,
         "selling_price_cents": 17598, "tax_cents": 0, "discount_cents": -927, "measurement_unit": 'un',
         "unit_multiplier": Decimal('1'), "is_gift": False, "seller_sku": '1461', "ean": '1461', "brand_id": '7',
         "brand_name": 'AfociulCenle', "category_ids": '/81/', "cost_price_cents": 23400,
         "reward_value": Decimal('447'), "commission": Decimal('0'), "freight_commission": Decimal('0'),
         "weight": 600.0, "height": 90.0, "length": 90.0, "width": 45.0, "cubic_weight": 0.2, "component_count": 0,
         "price_tags": [{'name': 'DISCOUNT@MARKETPLACE', 'identifier': 'udinrikeen', 'value': -927, 'rawValue': -9.27}]},
        {"item_index": 1, "unique_id": 'OP259S826R44478IOCRV46D418E48RKV', "sku_id": '7554', "product_id": '7554',
         "seller_id": '1', "name": 'Nugu Mukeuni', "quantity": 1, "list_price_cents": 16170, "price_cents": 8970,
         "selling_price_cents": 8520, "tax_cents": 0, "discount_cents": -450, "measurement_unit": 'un',
         "unit_multiplier": Decimal('1'), "is_gift": False, "seller_sku": '7554', "ean": '2382577365784',
         "brand_id": '7', "brand_name": 'AfociulCenle', "category_ids": '/16/', "cost_price_cents": 16170,
         "reward_value": Decimal('180'), "commission": Decimal('0'), "freight_commission": Decimal('0'),
         "weight": 600.0, "height": 90.0, "length": 90.0, "width": 45.0, "cubic_weight": 0.2, "component_count": 0,
         "price_tags": [{'name': 'DISCOUNT@MARKETPLACE', 'identifier': 'no42rep3-1234-814k-e996-ik584n12a4cb', 'value': -450, 'rawValue': -4.5}]},
    ],
    "order_payments": [
        {"payment_index": 0, "payment_id": 'M54P2S97MOP451EK8E2649LLLVDE435U',
         "transaction_id": '185C63LU23V774U539S1FTS3FE6E35OG', "is_active": True, "merchant_name": 'OLACEAMKORPA',
         "payment_system_id": '6', "payment_system": 'Venoge Labtnpui', "payment_group": 'bankInvoice',
         "value_cents": 30663, "reference_value_cents": 30663, "installments": 1, "due_date": date(2022, 2, 9)},
    ],
    "order_packages": [
        {"package_index": 0, "package_type": 'Output', "invoice_number": '3381739', "invoice_value_cents": 30663,
         "issued_at": datetime(2022, 2, 20, 14, 53, 16, 816333, tzinfo=UTC), "courier": '7',
         "tracking_number": 'AA4657612483LC', "tracking_url": ''},
    ],
    "order_package_items": [
        {"package_item_index": 0, "package_index": 0, "item_index": 0, "quantity": 1, "price_cents": 17598},
        {"package_item_index": 1, "package_index": 0, "item_index": 1, "quantity": 1, "price_cents": 8520},
    ],
    "order_shipments": [
        {"shipment_index": 0, "item_index": 0, "sla": 'TEF', "delivery_channel": 'delivery',
         "promised_at": datetime(2022, 2, 25, 11, 58, 56, 443519, tzinfo=UTC), "shipping_estimate": '12bd',
         "transit_time": '8bd', "list_price_cents": 2271, "price_cents": 2271, "selling_price_cents": 2271,
         "discount_cents": 0, "delivery_company": 'TEF', "courier_ids": '3pe12vs', "warehouse_ids": '1_4',
         "dock_ids": '7', "address_id": '1657218314247'},
        {"shipment_index": 1, "item_index": 1, "sla": 'TEF', "delivery_channel": 'delivery',
         "promised_at": datetime(2022, 2, 25, 11, 58, 56, 443519, tzinfo=UTC), "shipping_estimate": '12bd',
         "transit_time": '8bd', "list_price_cents": 2274, "price_cents": 2274, "selling_price_cents": 2274,
         "discount_cents": 0, "delivery_company": 'TEF', "courier_ids": '3pe12vs', "warehouse_ids": '1_4',
         "dock_ids": '7', "address_id": '1657218314247'},
    ],
    "order_promotions": [
        {"promotion_index": 0, "promotion_id": 'e55r2gl-3517-548d-u285-ef4c1r1m8', "name": 'Venoge Labtnpui',
         "is_featured": False},
    ],
    "order_cancellations": [],
    "order_addresses": [
        {"address_index": 0, "address_id": '69623263565', "address_type": 'residential', "receiver": 'Vsaso Dodba',
         "street": 'Gae Ofudfva 496', "number": '94333', "neighborhood": 'Reepvi 21', "postal_code": '99278-742',
         "city": 'Vmrcava Facvacaon', "state": 'RS', "country": 'BRA', "longitude": -147.0, "latitude": -63.0},
        {"address_index": 1, "address_id": '1657218314247', "address_type": 'residential',
         "receiver": 'Avefi Savvu', "street": 'Nio Ilidmre 176', "number": '3363', "neighborhood": 'Miubtu 48',
         "postal_code": '99278-742', "city": 'Vmrcava Facvacaon', "state": 'RS', "country": 'BRA',
         "longitude": -147.0, "latitude": -63.0},
    ],
}  # fmt: skip

MASKED_PII_CANCELED = {
    "order_events": [
        {"discounts_agree": True, "rounding_error_cents": 0, "opt_in_newsletter": False, "client_locale": 'pt-BR',
         "marketing_tags": ['mitdlab', 'Rufpol ot fkafi', 'BBS'], "utmi_page": '', "utmi_part": '',
         "workflow_in_error": False, "is_checked_in": False, "order_form_id": '8u4f7l2kd6951e46butkf2153v7e1252',
         "creation_environment": 'STABLE'},
    ],
    "order_items": [
        {"item_index": 0, "unique_id": 'L346P812C8T67OK275E752278U197V83', "sku_id": '2527467',
         "product_id": '2114916', "seller_id": 'strnov', "name": 'koavr fgiavidl ked komem 12',
         "ref_id": '27983559', "quantity": 2, "list_price_cents": 41997, "price_cents": 41997,
         "selling_price_cents": 29850, "line_total_cents": 59700, "tax_cents": 0, "discount_cents": -24294,
         "measurement_unit": 'un', "unit_multiplier": Decimal('1.0'), "is_gift": False, "seller_sku": '2527467',
         "brand_id": '7', "brand_name": 'BBS', "category_ids": '/7728656/3283382/4894356/',
         "reward_value": Decimal('0'), "commission": Decimal('0'), "freight_commission": Decimal('0'),
         "weight": 1305.0, "height": 30.0, "length": 75.0, "width": 30.0, "cubic_weight": 0.5208,
         "component_count": 0,
         "price_tags": [{'name': 'discount@price-oi86kvou-8i54-853k-gg8k-2423l95g184m#df252f1b-c327-4c06-aea2-8e4e48c14a51', 'identifier': 'oi86kvou-8i54-853k-gg8k-2423l95g184m', 'rawValue': -242.94}]},
    ],
    "order_payments": [
        {"payment_index": 0, "payment_id": '6P84FGKI4C894M9731B782K8EL45S42O',
         "transaction_id": 'O11959EV923E8751O1379981M8N43FSD', "is_active": True, "merchant_name": 'BBS',
         "payment_system_id": '4', "payment_system": 'Lumvodgidr', "payment_group": 'creditCard',
         "value_cents": 59700, "reference_value_cents": 59700, "installments": 3, "tid": 'DFKDBKG99CNKF3P2',
         "authorization_id": 'NNFDMFM65TLBK8FU', "nsu": '793416376986', "acquirer": 'UrmecFetmegCank_SG_Ang_54974',
         "acquirer_status": 'approved', "return_code": '443'},
    ],
    "order_packages": [],
    "order_package_items": [],
    "order_shipments": [
        {"shipment_index": 0, "item_index": 0, "sla": 'Cubrir id fducu (FES)',
         "delivery_channel": 'pickup-in-point',
         "promised_at": datetime(2025, 11, 11, 15, 0, 29, 917479, tzinfo=UTC), "shipping_estimate": '1bd',
         "transit_time": '1bd', "list_price_cents": 0, "price_cents": 0, "selling_price_cents": 0,
         "discount_cents": 0, "delivery_company": 'Dtesedda meganicr', "courier_ids": '7', "warehouse_ids": '2_4',
         "dock_ids": '7', "pickup_point_id": 'tmkfib_LOD',
         "pickup_point_name": 'TTP Rpubratn Givi Idsvaba - Nudrar af kvuki', "address_id": 'DEP',
         "polygon_name": ''},
    ],
    "order_promotions": [
        {"promotion_index": 0, "promotion_id": 'oi86kvou-8i54-853k-gg8k-2423l95g184m',
         "name": '9VEG842_RODRODAP_C34_84-71-2195', "is_featured": False, "item_discount_cents": -24294,
         "shipping_discount_cents": 0},
    ],
    "order_cancellations": [
        {"cancellation_index": 0, "is_done": False, "request_id": 'a7dva3e9e14648onki127i16usibmi91',
         "happened_at": datetime(2025, 11, 10, 15, 17, 36, 190463, tzinfo=UTC), "reason": 'Bumrir bbivp lgefa',
         "by_user": False, "is_denied": False},
        {"cancellation_index": 1, "is_done": False, "request_id": '95959973ncma94141364au46pt282lr3',
         "happened_at": datetime(2025, 11, 10, 15, 17, 44, 621171, tzinfo=UTC), "reason": 'Bumrir bbivp lgefa',
         "by_user": False, "is_denied": False},
        {"cancellation_index": 2, "is_done": True, "request_id": '95959973ncma94141364au46pt282lr3',
         "happened_at": datetime(2025, 11, 10, 15, 17, 44, 66804, tzinfo=UTC), "reason": 'Bumrir bbivp lgefa',
         "by_user": False},
    ],
    "order_addresses": [
        {"address_index": 0, "address_id": 'DEP', "address_type": 'pickup', "receiver": 'Puda Clakuv',
         "street": 'Amegau Taktiv Gefnic Fifsub Cedp Ks.', "number": '656',
         "complement": 'Ciga FGN Rruno 54 172 Dovn 731', "neighborhood": 'Nif Cinratni', "postal_code": '95918493',
         "city": 'Vie Na Devoati', "state": 'DG', "country": 'BRA', "longitude": -129.81582, "latitude": -68.6331},
    ],
}  # fmt: skip

OTHER_ZONE_AND_CURRENCY = {
    "order_events": [
        {"discounts_agree": True, "rounding_error_cents": 0, "opt_in_newsletter": True, "client_locale": 'es-CO',
         "marketing_tags": ['kro-denluofg-pip-secm-befa-5791'], "workflow_in_error": False, "is_checked_in": False,
         "order_form_id": 'f481253ml3sg35c1518949cb76u6b2af', "creation_environment": 'STABLE',
         "custom_data": {'customApps': [{'fields': {'session_id': '7', 'client_id': '1.1'}, 'id': 'orn', 'major': 1}], 'customFields': []}},
    ],
    "order_items": [
        {"item_index": 0, "unique_id": '4S6M3F14159U28LRM97S184474OD5642', "sku_id": '6481', "product_id": '7811',
         "seller_id": '1', "name": 'Mmv Nvudelecd Vav Datuu', "ref_id": '79291453', "quantity": 1,
         "list_price_cents": 15660000, "price_cents": 15660000, "selling_price_cents": 13311000,
         "line_total_cents": 13311000, "tax_cents": 0, "discount_cents": -2349000, "measurement_unit": 'un',
         "unit_multiplier": Decimal('1'), "is_gift": False, "seller_sku": '6481', "ean": '941833732889',
         "brand_id": '7', "brand_name": 'Knelobokl', "category_ids": '/4/83/192/', "cost_price_cents": 15660000,
         "reward_value": Decimal('0'), "commission": Decimal('0'), "freight_commission": Decimal('0'),
         "weight": 198.0, "height": 40.5, "length": 14.4, "width": 19.5, "cubic_weight": 0.0, "component_count": 0,
         "price_tags": [{'name': 'DISCOUNT@MARKETPLACE', 'identifier': '279ba7sl-58fg-7449-u923-s561bv8744pv', 'value': -2349000, 'rawValue': -23490}]},
        {"item_index": 1, "unique_id": 'PD5FB4693EN837597MIDI7772L65R66M', "sku_id": '9544', "product_id": '4281',
         "seller_id": '1', "name": 'Lurda Sefci', "ref_id": '72211675', "quantity": 1, "list_price_cents": 135000,
         "price_cents": 135000, "selling_price_cents": 135000, "line_total_cents": 135000, "tax_cents": 0,
         "discount_cents": 0, "measurement_unit": 'un', "unit_multiplier": Decimal('1'), "is_gift": False,
         "seller_sku": '9544', "ean": '4676175562649', "brand_id": '6', "brand_name": 'Bibicorp',
         "category_ids": '/6/81/', "cost_price_cents": 135000, "reward_value": Decimal('0'),
         "commission": Decimal('0'), "freight_commission": Decimal('0'), "weight": 5.0, "height": 5.0,
         "length": 14.9994, "width": 5.0, "cubic_weight": 0.0, "component_count": 0},
    ],
    "order_payments": [
        {"payment_index": 0, "payment_id": '75C5227978PU2894KO4II2G6O14515U4',
         "transaction_id": '6254E6ALKKL36L9ATB4489V57K58143N', "is_active": True,
         "merchant_name": 'ILPASOCITELBORADOSO', "payment_system_id": '701', "payment_system": 'KVA',
         "payment_group": 'PSE', "value_cents": 16446000, "reference_value_cents": 16446000, "installments": 1,
         "tid": '642814838', "nsu": '4674323283', "acquirer": 'RabABukiv'},
    ],
    "order_packages": [],
    "order_package_items": [],
    "order_shipments": [
        {"shipment_index": 0, "item_index": 0, "sla": 'Ogmke Ugrepkos', "delivery_channel": 'delivery',
         "promised_at": datetime(2027, 7, 31, 20, 18, 58, 881486, tzinfo=UTC), "shipping_estimate": '3bd',
         "transit_time": '3bd', "list_price_cents": 2788800, "price_cents": 2788800, "selling_price_cents": 2788800,
         "discount_cents": 0, "delivery_company": 'VOGIINOV ITVODVET', "courier_ids": 'TEBEPR',
         "warehouse_ids": '656', "dock_ids": 'TEBEPR', "address_id": '71553273561423', "polygon_name": ''},
        {"shipment_index": 1, "item_index": 1, "sla": 'Ogmke Ugrepkos', "delivery_channel": 'delivery',
         "promised_at": datetime(2027, 7, 31, 20, 18, 58, 881486, tzinfo=UTC), "shipping_estimate": '3bd',
         "transit_time": '3bd', "list_price_cents": 211200, "price_cents": 211200, "selling_price_cents": 211200,
         "discount_cents": 0, "delivery_company": 'VOGIINOV ITVODVET', "courier_ids": 'TEBEPR',
         "warehouse_ids": '656', "dock_ids": 'TEBEPR', "address_id": '71553273561423', "polygon_name": ''},
    ],
    "order_promotions": [
        {"promotion_index": 0, "promotion_id": '279ba7sl-58fg-7449-u923-s561bv8744pv', "name": '6573 MFEPVUMLIK 37',
         "is_featured": False, "item_discount_cents": -2349000, "shipping_discount_cents": 0},
    ],
    "order_cancellations": [],
    "order_addresses": [
        {"address_index": 0, "address_id": '71553273561423', "address_type": 'residential',
         "receiver": 'Afusu Dopaf', "street": 'Rigfugo 4 Sut 1-9', "neighborhood": 'Vipsoe 7',
         "postal_code": '41814', "city": 'Vulifmlp', "state": 'Igbuiboau', "country": 'COL', "longitude": -222.0,
         "latitude": 15.0},
    ],
}  # fmt: skip

TWO_SELLERS_FIRST = {
    "order_events": [
        {"discounts_agree": True,
         "alternative_totals": {'Shipping': [{'id': 'AlternativeShippingTotal', 'name': 'Ilpipbubate Tvolfugl Kasut', 'value': 7305}, {'id': 'AlternativeShippingDiscount', 'name': 'Enfiltogelo Gvokmust Logneolk', 'value': -6678}]},
         "rounding_error_cents": 0, "opt_in_newsletter": True, "client_locale": 'pt-BR',
         "marketing_tags": ['dgkr_cocmigev', 'ktlk_sebuvaeg', 'fcck_cadbbuvkamcakikf', 'dfdc_rsgnc', 'vefuco', 'Piconakb', 'BBS'],
         "utmi_page": '', "utmi_part": '', "is_checked_in": False,
         "order_form_id": '732ec3d3c32928e4au912c112u922nd6',
         "custom_data": {'customFields': [{'linkedEntity': {'type': 'item', 'id': 'N2391K4A62858172N136G5M3T38SR417'}, 'fields': [{'name': 'mitdlab', 'value': 'NNL-GIC'}]}]}},
    ],
    "order_items": [
        {"item_index": 0, "unique_id": 'O6RA36M86N9538V67OA2O1LVM8D1V677', "sku_id": '6316286',
         "product_id": '2236532', "seller_id": '1', "name": 'snema sitgim ksekp L', "ref_id": '56347586',
         "quantity": 1, "list_price_cents": 20997, "price_cents": 20997, "selling_price_cents": 15747,
         "line_total_cents": 15747, "tax_cents": 0, "discount_cents": -5250, "measurement_unit": 'un',
         "unit_multiplier": Decimal('1.0'), "is_gift": False, "seller_sku": '6316286', "brand_id": '7',
         "brand_name": 'BBS', "category_ids": '/3799772/2382387/6519494/', "cost_price_cents": 20994,
         "reward_value": Decimal('0'), "commission": Decimal('0'), "freight_commission": Decimal('0'),
         "weight": 630.0, "height": 30.0, "length": 75.0, "width": 30.0, "cubic_weight": 0.5208,
         "component_count": 0,
         "price_tags": [{'name': 'DISCOUNT@MARKETPLACE', 'identifier': '867vi86f-7221-242e-3a3i-2331e44il45o', 'value': -5250, 'rawValue': -52.5}]},
    ],
    "order_payments": [
        {"payment_index": 0, "payment_id": 'K153D492L25D663CR9EE14414172573N',
         "transaction_id": 'U357C83G41249817653N782SEL55U3GT', "is_active": True, "merchant_name": 'BBS',
         "payment_system_id": '125', "payment_system": 'Vav', "payment_group": 'instantPayment',
         "value_cents": 68235, "reference_value_cents": 68235, "installments": 1, "tid": '46452585331',
         "authorization_id": '46452585331', "nsu": '46452585331', "acquirer": 'guvfutbid'},
    ],
    "order_packages": [],
    "order_package_items": [],
    "order_shipments": [
        {"shipment_index": 0, "item_index": 0, "sla": 'Cuncup', "delivery_channel": 'delivery',
         "promised_at": datetime(2025, 12, 16, 18, 0, 0, 333333, tzinfo=UTC), "shipping_estimate": '2bd',
         "transit_time": '1bd', "list_price_cents": 7305, "price_cents": 627, "selling_price_cents": 627,
         "discount_cents": 0, "delivery_company": 'OKIVLAN_ML', "courier_ids": 'OKIVLAN_ML', "warehouse_ids": '1_4',
         "dock_ids": '4', "address_id": '758b7d53154853969au66d467r3e932i', "polygon_name": ''},
    ],
    "order_promotions": [
        {"promotion_index": 0, "promotion_id": '867vi86f-7221-242e-3a3i-2331e44il45o',
         "name": '98%_8SF_F16_26-59-8485', "is_featured": False, "item_discount_cents": -5250,
         "shipping_discount_cents": 0},
    ],
    "order_cancellations": [],
    "order_addresses": [
        {"address_index": 0, "address_id": '758b7d53154853969au66d467r3e932i', "address_type": 'residential',
         "receiver": 'Ruruvi Tpiff', "street": 'Voola', "number": '63', "complement": 'Tbaba 5 odg 889',
         "neighborhood": 'Gurpi', "reference": 'Nicd si sdo Bbimlecs', "postal_code": '81166-883',
         "city": 'Cee vo Fuveeke', "state": 'DG', "country": 'BRA', "longitude": -129.820782,
         "latitude": -68.505478},
    ],
}  # fmt: skip

TWO_SELLERS_SECOND = {
    "order_events": [
        {"discounts_agree": True,
         "alternative_totals": {'Shipping': [{'id': 'AlternativeShippingTotal', 'name': 'Ilpipbubate Tvolfugl Kasut', 'value': 7365}, {'id': 'AlternativeShippingDiscount', 'name': 'Enfiltogelo Gvokmust Logneolk', 'value': -6738}]},
         "rounding_error_cents": 0, "opt_in_newsletter": True, "client_locale": 'pt-BR',
         "marketing_tags": ['dgkr_cocmigev', 'ktlk_sebuvaeg', 'fcck_cadbbuvkamcakikf', 'dfdc_rsgnc', 'vefuco', 'Piconakb', 'BBS'],
         "utmi_page": '', "utmi_part": '', "is_checked_in": False,
         "order_form_id": '732ec3d3c32928e4au912c112u922nd6'},
    ],
    "order_items": [
        {"item_index": 0, "unique_id": '33727299G5D28K2VVOA487517U64R543', "sku_id": '6632736',
         "product_id": '2756444', "seller_id": 'strbar', "name": 'cbokfir tkemk T', "ref_id": '34855632',
         "quantity": 1, "list_price_cents": 23997, "price_cents": 23997, "selling_price_cents": 17997,
         "line_total_cents": 17997, "tax_cents": 0, "discount_cents": -6000, "measurement_unit": 'un',
         "unit_multiplier": Decimal('1.0'), "is_gift": False, "seller_sku": '6632736', "brand_id": '7',
         "brand_name": 'G&A', "category_ids": '/4911984/8188125/9479881/', "reward_value": Decimal('0'),
         "commission": Decimal('0'), "freight_commission": Decimal('0'), "weight": 600.0, "height": 300.0,
         "length": 300.0, "width": 300.0, "cubic_weight": 1.0, "component_count": 0,
         "price_tags": [{'name': 'discount@price-867vi86f-7221-242e-3a3i-2331e44il45o#5420fe70-7470-4b79-9741-80d951e451b2', 'identifier': '867vi86f-7221-242e-3a3i-2331e44il45o', 'value': -6000, 'rawValue': -60.0}]},
    ],
    "order_payments": [
        {"payment_index": 0, "payment_id": 'K153D492L25D663CR9EE14414172573N',
         "transaction_id": 'U357C83G41249817653N782SEL55U3GT', "is_active": True, "merchant_name": 'BBS',
         "payment_system_id": '125', "payment_system": 'Vav', "payment_group": 'instantPayment',
         "value_cents": 68235, "reference_value_cents": 68235, "installments": 1, "tid": '46452585331',
         "authorization_id": '46452585331', "nsu": '46452585331', "acquirer": 'guvfutbid'},
    ],
    "order_packages": [],
    "order_package_items": [],
    "order_shipments": [
        {"shipment_index": 0, "item_index": 0, "sla": 'Cuncup', "delivery_channel": 'delivery',
         "promised_at": datetime(2025, 12, 16, 20, 0, 0, 333333, tzinfo=UTC), "shipping_estimate": '2bd',
         "transit_time": '1bd', "list_price_cents": 7365, "price_cents": 627, "selling_price_cents": 627,
         "discount_cents": 0, "delivery_company": 'AMARGAM_CUDVON', "courier_ids": 'AMARGAM_CUDVON',
         "warehouse_ids": '2_4', "dock_ids": 'CPV_TAS', "address_id": '758b7d53154853969au66d467r3e932i',
         "polygon_name": ''},
    ],
    "order_promotions": [
        {"promotion_index": 0, "promotion_id": '867vi86f-7221-242e-3a3i-2331e44il45o',
         "name": '98%_8SF_F16_26-59-8485', "is_featured": False, "item_discount_cents": -6000,
         "shipping_discount_cents": 0},
    ],
    "order_cancellations": [],
    "order_addresses": [
        {"address_index": 0, "address_id": '758b7d53154853969au66d467r3e932i', "address_type": 'residential',
         "receiver": 'Ruruvi Tpiff', "street": 'Voola', "number": '63', "complement": 'Giikbalf 6 opl 844',
         "neighborhood": 'Gurpi', "reference": 'Nicd si sdo Bbimlecs', "postal_code": '81166-883',
         "city": 'Cee vo Fuveeke', "state": 'DG', "country": 'BRA', "longitude": -129.820782,
         "latitude": -68.505478},
    ],
}  # fmt: skip

DOCUMENTS = {
    "company_with_aliased_email": COMPANY_WITH_ALIASED_EMAIL,
    "edited_without_group": EDITED_WITHOUT_GROUP,
    "invoiced_with_discounts_and_package": INVOICED_WITH_DISCOUNTS_AND_PACKAGE,
    "masked_pii_canceled": MASKED_PII_CANCELED,
    "other_zone_and_currency": OTHER_ZONE_AND_CURRENCY,
    "two_sellers_first": TWO_SELLERS_FIRST,
    "two_sellers_second": TWO_SELLERS_SECOND,
}
TABLES = ["order_events", *(table.name for table in LINE_TABLES)]


def rows_of(name):
    """Return the rows of a document by table: what is new of the order, and every column of its lines."""
    body = (FIXTURES / f"{name}.json").read_bytes()
    document = json.loads(body)
    typed = type_order(body, tenant_id=20, order_id=document["orderId"], account=document.get("hostname") or "x")
    order = dict(zip(ORDER_COLUMNS, typed.order, strict=True))
    rows = {"order_events": [{column: order[column] for column in NEW_OF_AN_ORDER}]}
    for table, lines in zip(LINE_TABLES, typed.lines, strict=True):
        rows[table.name] = [dict(zip(table.columns, line, strict=True)) for line in lines]
    return rows


def plain(value):
    """Return a value with JSON text read."""
    return json.loads(value) if isinstance(value, bytes) else value


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_row_of_a_document_is_what_it_says(name, table):
    rows, expected = rows_of(name)[table], DOCUMENTS[name][table]

    said = [{column: plain(value) for column, value in row.items() if value is not None} for row in rows]
    assert said == expected


def test_every_document_is_among_them():
    assert {file.stem for file in FIXTURES.glob("*.json")} == set(DOCUMENTS)


def test_what_identifies_a_card_or_can_be_spent_is_in_no_row():
    body = json.loads((FIXTURES / "masked_pii_canceled.json").read_text())
    (payment,) = body["paymentData"]["transactions"][0]["payments"]
    payment |= {"firstDigits": "450799", "lastDigits": "9518", "cardNumber": "4507990000004905", "cardHolder": "A NAME"}
    payment |= {"redemptionCode": "SPEND-ME", "accountId": "stored-card", "cvv2": "123", "expireYear": "2031"}
    body["paymentData"]["giftCards"] = [{"id": "1", "redemptionCode": "SPEND-ME"}]

    typed = type_order(json.dumps(body).encode(), tenant_id=20, order_id=body["orderId"], account=body["hostname"])

    shown = str(typed)
    secrets = ("450799", "9518", "4507990000004905", "A NAME", "SPEND-ME", "stored-card", "2031")
    assert [secret for secret in secrets if secret in shown] == []
