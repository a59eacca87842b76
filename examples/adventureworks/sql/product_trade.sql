-- What the business knows of its finished goods: the vendor, and what lies there at standard cost. This copy of the database has no
-- sales, so revenue is unknown (null, not 0) and the report takes the value of the stock instead. Of several vendors the
-- preferred ones come first, then the one that delivered last; those that are no longer active do not count. What the company makes
-- itself has none.
with purchase as (
    select distinct on (v.productid) v.productid, n.name, greatest(v.modifieddate, n.modifieddate) as modifieddate
    from purchasing.productvendor v
    join purchasing.vendor n on n.businessentityid = v.businessentityid
    where n.activeflag
    order by v.productid, n.preferredvendorstatus desc, v.lastreceiptdate desc nulls last, v.businessentityid
),
stock as (
    select productid, sum(quantity) as quantity, max(modifieddate) as modifieddate
    from production.productinventory
    group by productid
)
select
    p.productnumber as sku,
    b.name as supplier,
    cast(null as numeric) as revenue_12m_eur,
    round(coalesce(k.quantity, 0) * p.standardcost, 2) as stock_value_eur,
    greatest(p.modifieddate, b.modifieddate, k.modifieddate) at time zone 'UTC' as modified_at
from production.product p
left join purchase b on b.productid = p.productid
left join stock k on k.productid = p.productid
where p.finishedgoodsflag
