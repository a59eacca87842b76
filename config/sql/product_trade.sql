-- What the business knows of each article: supplier, buyer, revenue of the last 12 months without VAT, value of the stock at cost.
-- The ERP keeps the preferred supplier (voorkeur J) and the buyer on the article; a buyer's code becomes the person of
-- config/owners.toml. The 12 months end at the last daily closing. Without any sales in the ERP revenue is unknown, not 0.
-- kostprijs is typed by hand (12,40): what is no number makes the value unknown. So does a count above 100,000, which is a slip
-- of the scanner; what is below 0 counts as 0.
with closing as (
    select cast(waarde as timestamp) as tot from syst_param where sleutel = 'KLOK'
),
purchase as (
    select distinct on (i.artnr) i.artnr, l.naam, i.inkoper, i.wijz_op
    from art_inkoop i
    left join leverancier l on l.lev_nr = i.lev_nr
    order by i.artnr, i.voorkeur = 'J' desc, i.lev_nr
),
sold as (
    select v.artnr, sum(v.bedrag_excl) as bedrag, max(v.fact_op) as laatst
    from verkoop v
    cross join closing c
    where v.fact_op > c.tot - interval '12 months' and v.fact_op <= c.tot
    group by v.artnr
),
cost as (
    select
        artnr,
        max(cast(replace(kostprijs, ',', '.') as numeric))
            filter (where trim(kostprijs) ~ '^[0-9]+([.,][0-9]+)?$' and munt = 'EUR') as bedrag
    from prijs
    group by artnr
),
carton as (  -- by number, as an article may stand there twice
    select artnr, max(aant_karton) as stuks from artikel group by artnr
),
stock as (
    select
        v.artnr,
        sum(greatest(v.aantal, 0) * case when v.eenh = 'KRT' then k.stuks else 1 end) as stuks,
        bool_or(v.aantal > 100000) as is_absurd,
        max(v.wijz_op) at time zone 'Europe/Brussels' as wijz_op
    from voorraad v
    left join carton k on k.artnr = v.artnr
    group by v.artnr
)
select
    a.artnr as sku,
    p.naam as supplier,
    case p.inkoper when 'AV' then 'an' when 'TC' then 'tom' when 'FD' then 'fatima' else lower(p.inkoper) end as owner,
    case when exists (select from verkoop) then coalesce(round(s.bedrag, 2), 0) end as revenue_12m_eur,
    case when not v.is_absurd then round(v.stuks * c.bedrag, 2) end as stock_value_eur,
    greatest(a.dt_wijz, p.wijz_op, s.laatst, v.wijz_op) at time zone 'Europe/Brussels' as modified_at
from artikel a
left join purchase p on p.artnr = a.artnr
left join sold s on s.artnr = a.artnr
left join cost c on c.artnr = a.artnr
left join stock v on v.artnr = a.artnr
