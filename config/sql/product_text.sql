-- Product texts: every article in every language of the shop, also where the ERP has no text, so that a missing one is seen.
-- Brand, model, category and properties are there for the rules only. Should an article number stand there twice,
-- the row that changed last counts. Times are Belgian.
with article as (
    select distinct on (artnr) artnr, merk, model, grp_code, dt_wijz from artikel order by artnr, dt_wijz desc
),
texts as (
    select
        artnr,
        taal,
        max(tekst) filter (where soort = 'NAAM') as naam,
        max(tekst) filter (where soort = 'KORT') as kort,
        max(tekst) filter (where soort = 'LANG') as lang,
        max(wijz_op) as wijz_op
    from art_tekst
    group by artnr, taal
),
feature as (
    select
        artnr,
        max(waarde) filter (where knm_code = 'KLEUR') as color,
        max(waarde) filter (where knm_code = 'GEHGB') as storage_gb,
        max(waarde) filter (where knm_code = 'VRMOD') as fits_model,
        max(waarde) filter (where knm_code = 'INHML') as content_ml,
        max(waarde) filter (where knm_code = 'DIAM') as diameter_cm,
        max(waarde) filter (where knm_code = 'LENGTE') as length_cm,
        max(waarde) filter (where knm_code = 'BREED') as width_cm,
        max(waarde) filter (where knm_code = 'AANST') as piece_count,
        max(wijz_op) as wijz_op
    from art_kenm
    group by artnr
)
select
    l.language,
    a.artnr as sku,
    t.naam as name,
    t.kort as short_text,
    t.lang as long_text,
    a.merk as brand,
    a.model,
    a.grp_code as category_code,
    lower(trim(f.color)) as property_color,
    f.storage_gb as property_storage_gb,
    f.fits_model as property_fits_model,
    f.content_ml as property_content_ml,
    f.diameter_cm as property_diameter_cm,
    f.length_cm as property_length_cm,
    f.width_cm as property_width_cm,
    f.piece_count as property_piece_count,
    greatest(a.dt_wijz, t.wijz_op, f.wijz_op) at time zone 'Europe/Brussels' as modified_at
from article a
cross join (values ('nl', 'N'), ('fr', 'F'), ('en', 'E')) as l (language, taal)
left join texts t on t.artnr = a.artnr and t.taal = l.taal
left join feature f on f.artnr = a.artnr
