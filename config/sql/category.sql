-- Categories: the ERP's product groups, one row per language. Groups without a group above them stand at the top.
select
    g.grp_code as category_code,
    l.language,
    case l.language when 'nl' then g.omschr_n when 'fr' then g.omschr_f else g.omschr_e end as name,
    g.grp_bovenl as parent_code,
    g.volgnr as position,
    g.wijz_op at time zone 'Europe/Brussels' as modified_at
from art_groep g
cross join (values ('nl'), ('fr'), ('en')) as l (language)
order by g.grp_code, l.language
