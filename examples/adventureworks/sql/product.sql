-- Finished goods only: parts that never reach a shop stay out. Weights come in pounds (LB) and grams (G), and leave in kilograms.
-- Photo 1 is the picture "no image available", so it does not count as a photo. The shop sells its own brand.
with photo as (
    select productid, count(*) filter (where productphotoid <> 1) as photos, max(modifieddate) as modifieddate
    from production.productproductphoto
    group by productid
),
stock as (
    select productid, sum(quantity) as quantity, max(modifieddate) as modifieddate
    from production.productinventory
    group by productid
)
select
    p.productnumber as sku,
    p.name,
    cast(null as text) as gtin,  -- the database has no barcodes; the column says that they are known to be missing
    'Adventure Works' as brand,
    regexp_replace(upper(c.name || '-' || s.name), '[^A-Z0-9]+', '-', 'g') as category_code,
    round(
        case trim(p.weightunitmeasurecode)
            when 'LB' then p.weight * 0.45359237
            when 'G' then p.weight / 1000
        end,
        4
    ) as weight_kg,
    'standard' as tax_class,
    case when coalesce(p.sellenddate, p.discontinueddate) is null then 'active' else 'ended' end as status,
    lower(p.color) as property_color,
    p.size as property_size,
    case trim(p.style) when 'W' then 'women' when 'M' then 'men' when 'U' then 'universal' end as property_made_for,
    m.name as model,
    p.listprice as first_price_eur_excl_vat,  -- what a new product is created with; the price flow goes on from there
    coalesce(h.photos, 0) as photo_count,
    0 as accessory_count,
    coalesce(k.quantity, 0) as stock_quantity,
    case when coalesce(k.quantity, 0) > 0 then 'in_stock' else 'out_of_stock' end as stock_status,
    k.modifieddate at time zone 'UTC' as stock_checked_at,
    greatest(p.modifieddate, s.modifieddate, c.modifieddate, m.modifieddate, h.modifieddate, k.modifieddate)
        at time zone 'UTC' as modified_at
from production.product p
left join production.productsubcategory s on s.productsubcategoryid = p.productsubcategoryid
left join production.productcategory c on c.productcategoryid = s.productcategoryid
left join production.productmodel m on m.productmodelid = p.productmodelid
left join photo h on h.productid = p.productid
left join stock k on k.productid = p.productid
where p.finishedgoodsflag
