-- Photos of finished goods, as hexadecimal digits: the bytea column holds the digits themselves, as text. Koppel writes them to
-- a file below its media root. Photo 1 is the picture "no image available", which 346 products share: it is left out.
select
    p.productnumber as sku,
    row_number() over (partition by p.productid order by x."primary" desc, x.productphotoid) as position,
    f.largephotofilename as file,
    convert_from(f.largephoto, 'UTF8') as content_hex,
    p.name as alt_text_en,
    p.name as alt_text_fr,
    max(greatest(x.modifieddate, f.modifieddate, p.modifieddate)) over (partition by p.productid)
        at time zone 'UTC' as modified_at
from production.product p
join production.productproductphoto x on x.productid = p.productid
join production.productphoto f on f.productphotoid = x.productphotoid
where p.finishedgoodsflag and x.productphotoid <> 1
order by p.productnumber, position
