-- Base prices in euro without VAT. The ERP keeps them as typed text with a decimal comma; Koppel reads the number, and names
-- what is none. Times are Belgian.
select
    artnr as sku,
    prijs_excl as price_eur_excl_vat,
    kostprijs as cost_eur,
    munt as currency,
    wijz_op at time zone 'Europe/Brussels' as modified_at
from prijs
