-- A database that was put back from a backup says so here, in the transaction that filled it. The service then tells the
-- fleet anew, under the raised system_state.epoch, and removes the row: until then what stands at the broker is of a
-- time that this database does not know.
create table restored (
    tenant      text primary key,
    taken_at    timestamptz not null,              -- when the backup was made
    restored_at timestamptz not null default now()
);

alter table restored enable row level security;
alter table restored force row level security;
create policy tenant_only on restored using (tenant = current_setting('cema.tenant', true))
    with check (tenant = current_setting('cema.tenant', true));
