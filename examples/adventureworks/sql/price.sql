-- List prices of finished goods. The database names no currency on a product; this example takes its prices as euro.
-- A list price of 0 goes on as it is: Koppel's rule price_zero holds it back and says so.
-- The category is there for the rule on margins only.
select
    p.productnumber as sku,
    p.listprice as price_eur_excl_vat,
    p.standardcost as cost_eur,
    'EUR' as currency,
    regexp_replace(upper(c.name || '-' || s.name), '[^A-Z0-9]+', '-', 'g') as category_code,
    greatest(p.modifieddate, s.modifieddate, c.modifieddate) at time zone 'UTC' as modified_at
from production.product p
left join production.productsubcategory s on s.productsubcategoryid = p.productsubcategoryid
left join production.productcategory c on c.productcategoryid = s.productcategoryid
where p.finishedgoodsflag
