-- Products: what is the same in every language. One row per article number, as long as the ERP keeps them unique.
-- gew_eenh says whether gewicht is in grams (G) or kilograms (KG); a weight that is no number goes on as it was typed,
-- so that Koppel can name it. vrd_code, btw_code and stat: a code that is not listed here goes on as it is and is reported.
-- stock_checked_at is when the stock was last counted, by the ERP's clock; modified_at is never before it. Times are Belgian.
with feature as (
    select
        artnr,
        max(waarde) filter (where knm_code = 'KLEUR') as color,
        max(waarde) filter (where knm_code = 'MATER') as material,
        max(waarde) filter (where knm_code = 'GEHGB') as storage_gb,
        max(waarde) filter (where knm_code = 'SCHERM') as screen_inch,
        max(waarde) filter (where knm_code = 'VRMOD') as fits_model,
        max(waarde) filter (where knm_code = 'INHML') as content_ml,
        max(waarde) filter (where knm_code = 'INHGR') as content_g,
        max(waarde) filter (where knm_code = 'DIAM') as diameter_cm,
        max(waarde) filter (where knm_code = 'LENGTE') as length_cm,
        max(waarde) filter (where knm_code = 'BREED') as width_cm,
        max(waarde) filter (where knm_code = 'VERMW') as power_w,
        max(waarde) filter (where knm_code = 'ALCPCT') as alcohol_percent,
        max(waarde) filter (where knm_code = 'AANST') as piece_count,
        max(waarde) filter (where knm_code = 'VAATW') as dishwasher_safe,
        max(waarde) filter (where knm_code = 'LAND') as origin,
        max(waarde) filter (where knm_code = 'GEUR') as scent,
        max(waarde) filter (where knm_code = 'EENH') as sold_by,
        max(wijz_op) as wijz_op
    from art_kenm
    group by artnr
),
photo as (
    select artnr, count(bestand) as aantal, max(wijz_op) as wijz_op from art_foto group by artnr
),
accessory as (
    select artnr, count(*) filter (where rel_soort = 'A') as aantal, max(wijz_op) as wijz_op from art_rel group by artnr
),
asking as (  -- what a new product is created with; the price flow looks after it from then on
    select
        artnr,
        max(cast(replace(prijs_excl, ',', '.') as numeric))
            filter (where prijs_excl ~ '^[0-9]+([.,][0-9]+)?$' and munt = 'EUR') as bedrag
    from prijs
    group by artnr
),
stock as (  -- over all warehouses, and the shops that keep their stock in the ERP; what one place has in stock is in stock
    select
        artnr,
        sum(aantal) filter (where eenh is distinct from 'KRT') as stuks,
        sum(aantal) filter (where eenh = 'KRT') as kartons,
        coalesce(max(vrd_code) filter (where vrd_code = 'V'), min(vrd_code)) as vrd_code,
        min(geteld_op) as geteld_op,
        max(wijz_op) at time zone 'Europe/Brussels' as wijz_op
    from voorraad
    group by artnr
)
select
    a.artnr as sku,
    a.omschr as name,
    a.ean as gtin,
    a.merk as brand,
    a.grp_code as category_code,
    case
        when a.gew_eenh = 'G' and a.gewicht ~ '^-?[0-9]+([.,][0-9]+)?$'
            then cast(round(cast(replace(a.gewicht, ',', '.') as numeric) / 1000, 4) as text)
        else replace(a.gewicht, ',', '.')
    end as weight_kg,
    case a.btw_code when '1' then 'standard' when '2' then 'reduced' when '0' then 'zero' else a.btw_code end as tax_class,
    case a.stat when 'A' then 'active' when 'U' then 'ended' else a.stat end as status,
    lower(trim(f.color)) as property_color,
    lower(trim(f.material)) as property_material,
    f.storage_gb as property_storage_gb,
    replace(f.screen_inch, ',', '.') as property_screen_inch,
    f.fits_model as property_fits_model,
    f.content_ml as property_content_ml,
    f.content_g as property_content_g,
    f.diameter_cm as property_diameter_cm,
    f.length_cm as property_length_cm,
    f.width_cm as property_width_cm,
    f.power_w as property_power_w,
    replace(f.alcohol_percent, ',', '.') as property_alcohol_percent,
    f.piece_count as property_piece_count,
    case f.dishwasher_safe when 'J' then 'true' when 'N' then 'false' else f.dishwasher_safe end as property_dishwasher_safe,
    lower(trim(f.origin)) as property_origin,
    lower(trim(f.scent)) as property_scent,
    lower(trim(f.sold_by)) as property_sold_by,
    a.model,
    a.gew_karton / 1000.0 as carton_weight_kg,
    a.aant_karton as pack_size,
    s.bedrag as first_price_eur_excl_vat,
    coalesce(p.aantal, 0) as photo_count,
    coalesce(r.aantal, 0) as accessory_count,
    case when v.kartons is null then v.stuks else coalesce(v.stuks, 0) + v.kartons * a.aant_karton end as stock_quantity,
    case v.vrd_code
        when 'V' then 'in_stock'
        when 'N' then 'out_of_stock'
        when 'B' then 'on_order'
        when 'M' then 'made_to_order'
        when 'D' then 'drop_ship'
        else v.vrd_code
    end as stock_status,
    v.geteld_op at time zone 'Europe/Brussels' as stock_checked_at,
    greatest(a.dt_wijz, f.wijz_op, p.wijz_op, r.wijz_op, v.geteld_op, v.wijz_op) at time zone 'Europe/Brussels' as modified_at
from artikel a
left join feature f on f.artnr = a.artnr
left join asking s on s.artnr = a.artnr
left join photo p on p.artnr = a.artnr
left join accessory r on r.artnr = a.artnr
left join stock v on v.artnr = a.artnr
