-- What is in a set that is sold under an article number of its own; it has no stock but that of its parts.
select
    set_artnr as sku,
    artnr as component_sku,
    sum(aantal) as quantity,
    max(wijz_op) as modified_at
from set_onderd
group by set_artnr, artnr
