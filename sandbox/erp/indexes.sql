-- Made after the rows are in, because that is faster.
create index on artikel (artnr);
create index on art_tekst (artnr, taal);
create index on art_kenm (artnr);
create index on art_foto (artnr, volgnr);
create index on art_rel (artnr, volgnr);
create index on prijs (artnr);
create index on voorraad (artnr, magazijn);
create index on voorraad (wijz_op);      -- what changed since
create index on art_inkoop (artnr);
create index on verkoop (artnr);
create index on webord (artnr, magazijn);
create index on webord (ordernr);
create index on webord (wijz_op);
create index on set_onderd (set_artnr);
analyze;
