"""Attribute codes that Magento keeps for itself: every getter of its product class."""

CODES = """
    action_flag add_to_cart_url attribute_default_value attribute_set_id attribute_text attributes
    available_in_categories cache_id_tags cache_tags calculated_final_price calculated_price categories category
    category_collection category_id category_ids collection created_at cross_sell_link_collection
    cross_sell_product_collection cross_sell_product_ids cross_sell_products custom_attribute custom_attributes
    custom_attributes_codes custom_design_date custom_option custom_options data data_by_key data_by_path
    data_using_method default_attribute_set_id empty entity_id entity event_prefix extension_attributes final_price
    formated_price formated_tier_price formatted_price formatted_tier_price gift_message_available has_options id
    id_by_sku id_field_name identities image is_salable is_virtual link_instance locked_attributes
    media_attribute_values media_attributes media_config media_gallery_entries media_gallery_images minimal_price name
    option_by_id option_instance options orig_data parent_product_id position preconfigured_values price price_info
    price_model product_entities_info product_links product_url qty quantity_and_stock_status related_link_collection
    related_product_collection related_product_ids related_products required_options reserved_attributes resource
    resource_collection resource_name sku special_from_date special_price special_to_date status store store_id
    store_ids stored_data tier_price tier_price_count tier_prices type_id type_instance up_sell_link_collection
    up_sell_product_collection up_sell_product_ids up_sell_products updated_at url_in_store url_model url_path
    visibility website_ids website_store_ids weight
"""
RESERVED = frozenset(CODES.split())
