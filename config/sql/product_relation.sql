-- What goes with a product. related_status is that of the other article, empty when the ERP doesn't know it; when the other
-- article changes (it may have ended), the relation counts as changed too. Times are Belgian.
with other as (
    select artnr, max(stat) as stat, max(dt_wijz) as dt_wijz from artikel group by artnr
)
select
    r.artnr as sku,
    case r.rel_soort when 'A' then 'accessory' when 'S' then 'similar' when 'G' then 'goes_well_with' else r.rel_soort end
        as relation,
    r.naar_artnr as related_sku,
    r.volgnr as position,
    case o.stat when 'A' then 'active' when 'U' then 'ended' else o.stat end as related_status,
    max(greatest(r.wijz_op, o.dt_wijz)) over (partition by r.artnr) at time zone 'Europe/Brussels' as modified_at
from art_rel r
left join other o on o.artnr = r.naar_artnr
order by r.artnr, r.volgnr
