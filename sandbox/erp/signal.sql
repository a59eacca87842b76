-- Tells whoever listens that stock changed: `listen koppel_stock`. The message is empty, because a listener reads the rows anyway;
-- several changes in one transaction arrive as one message, and none arrives before its rows are committed.
-- A database administrator installs this once; it may be run again. To take it away: drop function koppel_stock_changed() cascade.
create or replace function koppel_stock_changed() returns trigger language plpgsql as $$
begin
    perform pg_notify('koppel_stock', '');
    return null;
end
$$;

create or replace trigger koppel_stock_changed
    after insert or update or delete or truncate on voorraad
    for each statement execute function koppel_stock_changed();

create or replace trigger koppel_stock_changed
    after insert or update or delete or truncate on webord
    for each statement execute function koppel_stock_changed();
