-- Base prices in euro without VAT. The ERP keeps them as typed text with a decimal comma; Koppel reads the number, and names
-- what is none. The category is there for the rule on margins only. Should an article number stand there twice,
-- the row that changed last counts. Times are Belgian.
with article as (
    select distinct on (artnr) artnr, grp_code, dt_wijz from artikel order by artnr, dt_wijz desc
)
select
    p.artnr as sku,
    p.prijs_excl as price_eur_excl_vat,
    p.kostprijs as cost_eur,
    p.munt as currency,
    a.grp_code as category_code,
    greatest(p.wijz_op, a.dt_wijz) at time zone 'Europe/Brussels' as modified_at
from prijs p
left join article a on a.artnr = p.artnr
