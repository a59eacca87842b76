-- Texts of finished goods in English and French. Descriptions hang on the model, per culture. Names exist in English only, so
-- French carries the English name. The short text is the first sentence of the description.
select
    l.language,
    p.productnumber as sku,
    p.name,
    regexp_replace(d.description, '([.!?]) .*$', '\1') as short_text,
    d.description as long_text,
    'Adventure Works' as brand,
    m.name as model,
    regexp_replace(upper(c.name || '-' || s.name), '[^A-Z0-9]+', '-', 'g') as category_code,
    lower(p.color) as property_color,
    p.size as property_size,
    greatest(p.modifieddate, m.modifieddate, x.modifieddate, d.modifieddate) at time zone 'UTC' as modified_at
from production.product p
cross join (values ('en'), ('fr')) as l (language)
left join production.productmodel m on m.productmodelid = p.productmodelid
left join production.productsubcategory s on s.productsubcategoryid = p.productsubcategoryid
left join production.productcategory c on c.productcategoryid = s.productcategoryid
left join production.productmodelproductdescriptionculture x
    on x.productmodelid = p.productmodelid and trim(x.cultureid) = l.language
left join production.productdescription d on d.productdescriptionid = x.productdescriptionid
where p.finishedgoodsflag
