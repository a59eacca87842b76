-- The tables of the shop's ERP, as they grew since 1998: short Dutch names, codes, wall-clock times, hardly a constraint.
drop table if exists artikel, art_tekst, art_kenm, art_foto, art_rel, art_groep, prijs, voorraad, syst_param cascade;

create table artikel (            -- artnr is unique by agreement only
    artnr text not null,
    omschr text,                  -- what staff see; 40 wide on the screen
    merk text,
    model text,
    ean text,
    grp_code text,
    gewicht text,                 -- of one packed unit, in gew_eenh
    gew_eenh text,                -- G or KG
    gew_karton integer,           -- of a full carton, grams
    aant_karton integer,          -- pieces in a carton
    btw_code text,                -- 0: none, 1: 21 %, 2: 6 %
    stat text,                    -- A: actief, U: uitlopend
    dt_aanm timestamp not null,   -- Belgian wall clock, like every time here
    dt_wijz timestamp not null
);

create table art_tekst (
    artnr text not null,
    taal text not null,           -- N, F, E
    soort text not null,          -- NAAM, KORT, LANG
    tekst text,
    wijz_op timestamp not null
);

create table art_kenm (
    artnr text not null,
    knm_code text not null,       -- KLEUR, MATER, GEHGB, ...
    waarde text,
    wijz_op timestamp not null
);

create table art_foto (
    artnr text not null,
    volgnr integer not null,
    bestand text,                 -- path below the share with photos
    bijschr_n text,
    bijschr_f text,
    bijschr_e text,
    wijz_op timestamp not null
);

create table art_rel (
    artnr text not null,
    rel_soort text not null,      -- A: accessoire, S: soortgelijk, G: gaat goed samen met
    naar_artnr text not null,
    volgnr integer not null,
    wijz_op timestamp not null
);

create table art_groep (
    grp_code text primary key,
    grp_bovenl text,
    volgnr integer not null,
    omschr_n text,
    omschr_f text,
    omschr_e text,
    wijz_op timestamp not null
);

create table prijs (
    artnr text not null,
    prijs_excl text,              -- typed by hand: 12,40
    kostprijs text,
    munt text,
    wijz_op timestamp not null
);

create table voorraad (
    artnr text not null,
    magazijn text not null,
    aantal numeric,
    vrd_code text,                -- V: voorradig, N: niet, B: besteld, M: op maat, D: door leverancier verzonden
    geteld_op timestamp,
    wijz_op timestamp not null
);

create table syst_param (
    sleutel text primary key,     -- KLOK: the last daily closing
    waarde text
);
