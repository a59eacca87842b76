-- What lies in the places where goods are stored; a place with an hourly rate is a work centre, and what lies there is not done.
-- AdventureWorks does not know the shop's orders, so nothing is taken off for them here.
select
    locationid::text as location,
    productnumber as sku,
    i.quantity as on_hand,
    i.modifieddate at time zone 'UTC' as modified_at
from production.productinventory i
join production.product p using (productid)
join production.location l using (locationid)
where p.finishedgoodsflag and l.costrate = 0
