-- When the ERP last heard of each warehouse, and of the shops whose tills write into it.
select
    code as location,
    laatst_gehoord as heard_at,
    laatst_gehoord as modified_at
from magazijn
