-- Made after the rows are in, because that is faster.
create index on artikel (artnr);
create index on art_tekst (artnr, taal);
create index on art_kenm (artnr);
create index on art_foto (artnr, volgnr);
create index on art_rel (artnr, volgnr);
create index on prijs (artnr);
create index on voorraad (artnr);
analyze;
