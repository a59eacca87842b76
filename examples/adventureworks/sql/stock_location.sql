-- The database counts by itself, so each place is heard of whenever it answers.
select
    locationid::text as location,
    now() as heard_at,
    now() as modified_at
from production.location
where costrate = 0
