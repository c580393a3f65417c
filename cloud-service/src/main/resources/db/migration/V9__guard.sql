-- Devices set apart, what persons said of uploads, and what both need of a sample.

-- Mean of red, green, blue, then their standard deviations, in grey levels; null: uploaded before this was measured.
alter table sample add column pixel_statistics real[];
create index sample_by_age on sample (tenant, received_at);
create index if not exists sample_by_device on sample (tenant, device, received_at);
create index dead_letter_by_age on dead_letter (tenant, received_at);

-- Raised when samples that a loop may have in memory were withdrawn or came back: it then reads them anew.
alter table adaptation_loop add column withdrawals bigint not null default 0;

-- A device set apart in a cohort: its samples there are kept and not learnt from, those from before included. Stays when
-- the device goes, since its samples do.
create table quarantine (
    tenant      text not null,
    device      text not null,
    cohort      text not null,
    state       text not null check (state in ('QUARANTINED', 'RELEASED', 'MOVED')),
    evidence    jsonb not null,                    -- io.cema.cloud.guard.Evidence
    since       timestamptz not null default now(),
    decided_at  timestamptz,                       -- by an operator
    moved_to    text,
    version     bigint not null default 1,
    primary key (tenant, device, cohort),
    foreign key (tenant, cohort) references cohort (tenant, id) on delete cascade
);
create index quarantine_by_time on quarantine (tenant, since desc);

-- What an upload shows, said by a person; goes with the upload. Never learnt from.
create table label (
    tenant      text not null,
    device      text not null,
    sample_id   text not null,
    class       int not null,
    labelled_by text not null,
    labelled_at timestamptz not null default now(),
    version     bigint not null default 1,
    primary key (tenant, device, sample_id),
    foreign key (tenant, device, sample_id) references sample (tenant, device, sample_id) on delete cascade
);

do $$
declare t text;
begin
    foreach t in array array['quarantine', 'label']
    loop
        execute format('alter table %I enable row level security', t);
        execute format('alter table %I force row level security', t);
        execute format('create policy tenant_only on %I using (tenant = current_setting(''cema.tenant'', true)) '
            || 'with check (tenant = current_setting(''cema.tenant'', true))', t);
    end loop;
end $$;
