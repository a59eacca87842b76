"""The product attributes that every Magento shop has: id, input, storage and scope of each."""

from sandbox.magento import attribute_metadata
from sandbox.magento.fixtures import DEFAULT_SET
from sandbox.magento.state import State, fixture

GROUPS = ((7, "Product Details"), (13, "Content"), (19, "Bundle Items"), (10, "Images"), (9, "Search Engine Optimization"),
          (8, "Advanced Pricing"), (11, "Design"), (14, "Schedule Design Update"), (12, "Autosettings"),
          (20, "Gift Options"))  # fmt: skip
LAST_GROUP_ID = 20

# code | label | frontend_input | backend_type | scope (g, w, s) | flags: r required, u user defined | default
TABLE = """
73 name|Product Name|text|varchar|s|r|
74 sku|SKU|text|static|g|r|
75 description|Description|textarea|text|s||
76 short_description|Short Description|textarea|text|s||
77 price|Price|price|decimal|g|r|
78 special_price|Special Price|price|decimal|g||
79 special_from_date|Special Price From Date|date|datetime|w||
80 special_to_date|Special Price To Date|date|datetime|w||
81 cost|Cost|price|decimal|g|u|
82 weight|Weight|weight|decimal|g||
83 manufacturer|Manufacturer|select|int|g|u|
84 meta_title|Meta Title|text|varchar|s||
85 meta_keyword|Meta Keywords|textarea|text|s||
86 meta_description|Meta Description|textarea|varchar|s||
87 image|Base|media_image|varchar|s||
88 small_image|Small|media_image|varchar|s||
89 thumbnail|Thumbnail|media_image|varchar|s||
90 media_gallery|Media Gallery|gallery|static|g||
91 old_id||text|int|g||
92 tier_price|Tier Price|text|decimal|w||
93 color|Color|select|int|g|u|
94 news_from_date|Set Product as New from Date|date|datetime|w||
95 news_to_date|Set Product as New to Date|date|datetime|w||
96 gallery|Image Gallery|gallery|varchar|g||
97 status|Enable Product|select|int|w||1
98 minimal_price|Minimal Price|price|decimal|s||
99 visibility|Visibility|select|int|s||4
100 custom_design|New Theme|select|varchar|s||
101 custom_design_from|Active From|date|datetime|s||
102 custom_design_to|Active To|date|datetime|s||
103 custom_layout_update|Layout Update XML|textarea|text|s||
104 page_layout|Layout|select|varchar|s||
105 category_ids|Categories|text|static|g||
106 options_container|Display Product Options In|select|varchar|s||container2
107 required_options||text|static|g||
108 has_options||text|static|g||
109 image_label|Image Label|text|varchar|s||
110 small_image_label|Small Image Label|text|varchar|s||
111 thumbnail_label|Thumbnail Label|text|varchar|s||
112 created_at||date|static|g|r|
113 updated_at||date|static|g|r|
114 country_of_manufacture|Country of Manufacture|select|varchar|w||
115 quantity_and_stock_status|Quantity|select|int|g||1
116 custom_layout|New Layout|select|varchar|s||
117 custom_layout_update_file|Custom Layout Update|select|varchar|s||
118 price_type|Dynamic Price|boolean|int|g|r|0
119 sku_type|Dynamic SKU|boolean|int|g|r|0
120 weight_type|Dynamic Weight|boolean|int|g|r|0
121 price_view|Price View|select|int|g|r|
122 shipment_type|Ship Bundle Items|select|int|g|r|0
123 url_key|URL Key|text|varchar|s||
124 url_path||text|varchar|s||
125 links_purchased_separately|Links can be purchased separately||int|g|r|
126 samples_title|Samples title||varchar|s|r|
127 links_title|Links title||varchar|s|r|
128 links_exist|||int|g||0
129 gift_message_available|Allow Gift Message|select|varchar|g||
130 msrp|Manufacturer's Suggested Retail Price|price|decimal|w||
131 msrp_display_actual_price_type|Display Actual Price|select|varchar|w||0
132 swatch_image|Swatch|media_image|varchar|s||
133 tax_class_id|Tax Class|select|int|w||2
"""
SCOPES = {"g": "global", "w": "website", "s": "store"}
LAST_SYSTEM_ID = 133


@fixture
def attributes(state: State) -> None:
    """System attributes, attribute set 4 and its groups."""
    metadata, places = attribute_metadata.rows(), attribute_metadata.places()
    for line in TABLE.strip().splitlines():
        number, rest = line.split(" ", 1)
        code, label, kind, backend, scope, flags, default = rest.split("|")
        state.table("attributes").put(
            code,
            {"attribute_id": int(number), "attribute_code": code, "frontend_label": label or None,
             "frontend_input": kind or None,
             "backend_type": backend, "scope": SCOPES[scope], "is_required": "r" in flags,
             "is_user_defined": "u" in flags, "is_unique": code == "sku", "default_value": default or None,
             "options": [], "entity_type_id": 4, **metadata[code]},
        )  # fmt: skip
    state.next_id("attributes", at_least=LAST_SYSTEM_ID)
    state.table("attribute_sets").put(
        DEFAULT_SET,
        {"attribute_set_id": DEFAULT_SET, "attribute_set_name": "Default", "sort_order": 1, "entity_type_id": 4,
         "attributes": {code: group for code, (group, _) in places.items()},
         "orders": {code: order for code, (_, order) in places.items()}},
    )  # fmt: skip
    state.next_id("attribute_sets", at_least=8)
    for position, (group, name) in enumerate(GROUPS, 1):
        state.table("attribute_groups").put(
            group,
            {"attribute_group_id": group, "attribute_group_name": name, "attribute_set_id": DEFAULT_SET,
             "sort_order": position},
        )  # fmt: skip
    state.next_id("attribute_groups", at_least=LAST_GROUP_ID)
