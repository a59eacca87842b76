-- List prices of finished goods. The database names no currency on a product; this example takes its prices as euro.
-- A list price of 0 goes on as it is: Koppel's rule price_zero holds it back and says so.
select
    productnumber as sku,
    listprice as price_eur_excl_vat,
    standardcost as cost_eur,
    'EUR' as currency,
    modifieddate at time zone 'UTC' as modified_at
from production.product
where finishedgoodsflag
