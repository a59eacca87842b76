-- Product photos in the order of the ERP; file is a path below the media root. When one photo changes, every row of the
-- article carries the new time, because a gallery is sent as a whole. Times are Belgian.
select
    artnr as sku,
    volgnr as position,
    bestand as file,
    bijschr_n as alt_text_nl,
    bijschr_f as alt_text_fr,
    bijschr_e as alt_text_en,
    max(wijz_op) over (partition by artnr) at time zone 'Europe/Brussels' as modified_at
from art_foto
order by artnr, volgnr
