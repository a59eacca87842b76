-- The tables of the shop's ERP, as they grew since 1998: short Dutch names, codes, wall-clock times, hardly a constraint.
drop table if exists artikel, art_tekst, art_kenm, art_foto, art_rel, art_groep, prijs, voorraad, syst_param cascade;
drop table if exists magazijn, set_onderd, webord cascade;
drop table if exists leverancier, art_inkoop, verkoop cascade;

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

-- The stock module came in 2019, with the shops: where it says wijz_op or laatst_gehoord, it keeps real moments.
create table magazijn (
    code text primary key,
    naam text not null,
    soort text not null,          -- W: warehouse, S: physical shop
    volgnr integer not null,      -- orders of the web shop are sent from the first one that has the goods
    laatst_gehoord timestamptz not null  -- when its scanners or its till last spoke to this database
);

create table voorraad (
    artnr text not null,
    magazijn text not null,
    aantal numeric,               -- what lies there, less what was shipped; in eenh
    geres numeric,                -- of that: promised to orders and not shipped yet; in eenh
    te_ontv numeric,              -- ordered from the supplier; in eenh
    verw_op timestamp,            -- when that is expected
    eenh text,                    -- ST: pieces (or metres), KRT: cartons of artikel.aant_karton pieces
    vrd_code text,                -- V: voorradig, N: niet, B: besteld, M: op maat, D: door leverancier verzonden
    geteld_op timestamp,
    wijz_op timestamptz not null
);

create table set_onderd (         -- sets have no stock of their own: an order of one takes what is in it
    set_artnr text not null,
    artnr text not null,
    aantal numeric not null,      -- pieces of it in one set
    wijz_op timestamptz not null
);

create table webord (             -- orders of the web shop, as they were imported
    ordernr text not null,        -- the shop's own number, zeros and all
    artnr text not null,
    magazijn text not null,
    aantal numeric not null,      -- pieces (or metres), never cartons
    status text not null,         -- I: imported and reserved, P: picked, V: shipped, X: cancelled
    wijz_op timestamptz not null
);

create table leverancier (
    lev_nr text not null,
    naam text,
    land text
);

create table art_inkoop (
    artnr text not null,
    lev_nr text,
    lev_artnr text,               -- what the supplier calls it
    voorkeur text,                -- J: it is bought here; N: it can be
    inkoper text,                 -- initials of who buys it in
    wijz_op timestamp not null
);

create table verkoop (            -- lines of invoices, of the web shop and of the tills
    factnr text not null,
    artnr text not null,
    kanaal text,                  -- W: web shop, K: kassa
    aantal numeric not null,      -- below 0: brought back
    bedrag_excl numeric not null, -- euro for all of them, without VAT
    fact_op timestamp not null
);

create table syst_param (
    sleutel text primary key,     -- KLOK: the last daily closing
    waarde text
);

-- What time it is for the stock module: now, but never before the last daily closing.
create or replace function nu() returns timestamptz language sql as $$
    select greatest(
        clock_timestamp(),
        (select cast(waarde as timestamp) at time zone 'Europe/Brussels' from syst_param where sleutel = 'KLOK')
    )
$$;

-- Whatever changes stock or an order, by program or by hand, is stamped.
create or replace function stempel() returns trigger language plpgsql as $$
begin
    if new.wijz_op is not distinct from old.wijz_op then
        new.wijz_op := nu();
    end if;
    return new;
end
$$;
create trigger stempel before update on voorraad for each row execute function stempel();
create trigger stempel before update on webord for each row execute function stempel();
