-- Categories and subcategories; the code is made of the names (BIKES, BIKES-MOUNTAIN-BIKES).
-- The database has English names only. French takes the list below, and falls back on the English name for what is not in it.
with node as (
    select
        regexp_replace(upper(c.name), '[^A-Z0-9]+', '-', 'g') as category_code,
        cast(null as text) as parent_code,
        c.name,
        c.productcategoryid as position,
        c.modifieddate
    from production.productcategory c
    union all
    select
        regexp_replace(upper(c.name || '-' || s.name), '[^A-Z0-9]+', '-', 'g'),
        regexp_replace(upper(c.name), '[^A-Z0-9]+', '-', 'g'),
        s.name,
        s.productsubcategoryid,
        greatest(c.modifieddate, s.modifieddate)
    from production.productsubcategory s
    join production.productcategory c on c.productcategoryid = s.productcategoryid
),
french (english, french) as (
    values
        ('Bikes', 'Vélos'),
        ('Components', 'Composants'),
        ('Clothing', 'Vêtements'),
        ('Accessories', 'Accessoires'),
        ('Mountain Bikes', 'VTT'),
        ('Road Bikes', 'Vélos de route'),
        ('Touring Bikes', 'Vélos de randonnée'),
        ('Handlebars', 'Guidons'),
        ('Wheels', 'Roues'),
        ('Saddles', 'Selles'),
        ('Pedals', 'Pédales'),
        ('Gloves', 'Gants'),
        ('Helmets', 'Casques'),
        ('Locks', 'Antivols'),
        ('Lights', 'Éclairages')
)
select
    n.category_code,
    l.language,
    case l.language when 'fr' then coalesce(f.french, n.name) else n.name end as name,
    n.parent_code,
    n.position,
    n.modifieddate at time zone 'UTC' as modified_at
from node n
cross join (values ('en'), ('fr')) as l (language)
left join french f on f.english = n.name
order by n.category_code, l.language
