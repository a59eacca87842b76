-- Stock per place and article, and in the same snapshot what the ERP took off there for orders of the web shop.
-- on_hand, reserved and incoming are in the unit that the place counts in; unit_size says how many pieces that is (a carton of
-- unknown size gives 0, which Koppel refuses). taken_for_orders is in pieces, and gross: imported, picked or shipped (I, P, V),
-- also when goods came back later; orders that did not change for 60 days are settled. Whatever changes an order also changes
-- modified_at, so that the row is read again.
-- The window stands in here, and not around it, so that the indexes on wijz_op and artnr find a few rows of a million at once.
with changed as (
    select artnr, magazijn from voorraad
    where wijz_op >= coalesce(:since, timestamptz '-infinity') and wijz_op <= coalesce(:until, timestamptz 'infinity')
    union
    select artnr, magazijn from webord
    where wijz_op >= coalesce(:since, timestamptz '-infinity') and wijz_op <= coalesce(:until, timestamptz 'infinity')
),
place as (  -- one of the two halves is empty, and costs nothing
    select v.* from voorraad v
    where cast(:since as timestamptz) is null and cast(:until as timestamptz) is null and (:all_keys or v.artnr in :keys)
    union all
    select v.* from voorraad v
    join changed c on c.artnr = v.artnr and c.magazijn = v.magazijn
    where coalesce(:since, cast(:until as timestamptz)) is not null and (:all_keys or v.artnr in :keys)
)
select
    v.magazijn as location,
    v.artnr as sku,
    v.aantal as on_hand,
    v.geres as reserved,
    v.te_ontv as incoming,
    v.verw_op at time zone 'Europe/Brussels' as incoming_at,
    v.geteld_op at time zone 'Europe/Brussels' as counted_at,
    case when v.eenh = 'KRT' then coalesce(a.aant_karton, 0) else 1 end as unit_size,
    case v.vrd_code
        when 'V' then 'in_stock'
        when 'N' then 'out_of_stock'
        when 'B' then 'on_order'
        when 'M' then 'made_to_order'
        when 'D' then 'drop_ship'
        else v.vrd_code
    end as status,
    a.grp_code as category_code,
    exists (select 1 from art_kenm k where k.artnr = v.artnr and k.knm_code = 'EENH' and k.waarde = 'meter') as sold_by_measure,
    w.taken_for_orders,
    greatest(v.wijz_op, w.wijz_op) as modified_at
from place v
left join lateral (select grp_code, aant_karton from artikel where artnr = v.artnr order by dt_wijz desc limit 1) a on true
left join lateral (
    select
        string_agg(ordernr || '=' || aantal, ' ' order by ordernr) filter (where aantal > 0) as taken_for_orders,
        max(wijz_op) as wijz_op
    from (
        select
            ordernr,
            trim_scale(sum(aantal) filter (where status in ('I', 'P', 'V'))) as aantal,
            max(wijz_op) as wijz_op
        from webord
        where artnr = v.artnr and magazijn = v.magazijn and wijz_op > now() - interval '60 days'
        group by ordernr
    ) per_order
) w on true
