-- The database keeps no relations; other colours and sizes of the same model are the similar products, four at most.
with candidate as (
    select
        a.productnumber as sku,
        b.productnumber as related_sku,
        row_number() over (partition by a.productid order by b.productnumber) as position,
        case when coalesce(b.sellenddate, b.discontinueddate) is null then 'active' else 'ended' end as related_status,
        greatest(a.modifieddate, b.modifieddate) as modifieddate
    from production.product a
    join production.product b on b.productmodelid = a.productmodelid and b.productid <> a.productid
    where a.finishedgoodsflag and b.finishedgoodsflag and coalesce(b.sellenddate, b.discontinueddate) is null
)
select
    sku,
    'similar' as relation,
    related_sku,
    position,
    related_status,
    max(modifieddate) over (partition by sku) at time zone 'UTC' as modified_at
from candidate
where position <= 4
order by sku, position
