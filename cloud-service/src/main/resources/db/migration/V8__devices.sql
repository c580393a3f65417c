-- Devices by their labels, cohorts that follow them, commands, and the answers kept for requests that come again.

alter table device
    add column version      bigint not null default 1,          -- of what operators set; raised by each change
    add column display_name text not null default '',
    add column description  text not null default '',
    add column labels       jsonb not null default '{}',
    add column selected     boolean not null default false,     -- in its cohort by the cohort's selector; else by its list
    add column status       text not null default 'ACTIVE' check (status in ('ACTIVE', 'DECOMMISSIONED')),
    add column decommissioned_at timestamptz,
    add column silent       boolean not null default false,     -- online, but watchers were told that it is silent
    add column command_sequence bigint not null default 0,
    add check (jsonb_typeof(labels) = 'object'),
    add check (status = 'ACTIVE' or cohort is null);
create index device_by_cohort on device (tenant, cohort);
create index device_online on device (tenant, seen_at) where online = 'ONLINE' and not silent;

-- The labels, one row each: the index that label selectors are answered from. Not a GIN index on device.labels: under
-- row-level security the planner uses only operators that are leakproof as index conditions, and those of jsonb are not.
create table device_label (
    tenant      text not null,
    device      text not null,
    key         text not null,
    value       text not null,
    primary key (tenant, device, key),
    foreign key (tenant, device) references device (tenant, id) on delete cascade
);
create index device_label_by_value on device_label (tenant, key, value, device);

create function device_label_follows() returns trigger language plpgsql as $$
begin
    delete from device_label where tenant = new.tenant and device = new.id;
    insert into device_label (tenant, device, key, value)
        select new.tenant, new.id, l.key, l.value from jsonb_each_text(new.labels) l;
    return null;
end $$;
create trigger label_insert after insert on device
    for each row when (new.labels <> '{}') execute function device_label_follows();
create trigger label_update after update of labels on device
    for each row when (new.labels is distinct from old.labels) execute function device_label_follows();

alter table cohort
    add column version      bigint not null default 1,          -- of what operators set; raised by each change
    add column selector     text,                               -- io.cema.cloud.fleet.label.LabelSelector
    add column priority     int not null default 100;           -- of its selector; the smallest wins, then the oldest

-- A claim outlives its cohort: who comes with it goes where the selectors say.
alter table device_claim
    drop constraint device_claim_tenant_cohort_fkey,
    add foreign key (tenant, cohort) references cohort (tenant, id) on delete set null (cohort);

create table device_command (
    tenant      text not null,
    id          text not null,                     -- ULID; the correlation data
    device      text not null,
    sequence    bigint not null,                   -- rising per device
    name        text not null,
    arguments   jsonb not null default '{}',
    state       text not null default 'PENDING'
                check (state in ('PENDING', 'ACCEPTED', 'REFUSED', 'TIMED_OUT', 'EXPIRED')),
    message     text not null default '',          -- the device's word, or why none came
    created_at  timestamptz not null default now(),
    expires_at  timestamptz not null,
    ended_at    timestamptz,
    primary key (tenant, id),
    unique (tenant, device, sequence),
    foreign key (tenant, device) references device (tenant, id)
);
create index device_command_pending on device_command (tenant, expires_at) where state = 'PENDING';

-- What a message says besides its payload. After expires_at it is not published any more.
alter table outbox
    add column expires_at   timestamptz,
    add column response_topic text,
    add column correlation  bytea;

-- Answers to requests with an Idempotency-Key, kept for a day. Without a status: at work, or its process ended.
create table idempotency_key (
    tenant      text not null,
    caller      text not null,
    key         text not null,
    digest      bytea not null,                    -- SHA-256 of method, path, query and body
    status      int,
    headers     jsonb,
    body        bytea,                             -- null: none, or one that held a secret
    created_at  timestamptz not null default now(),
    primary key (tenant, caller, key)
);
create index idempotency_key_by_age on idempotency_key (tenant, created_at);

do $$
declare t text;
begin
    foreach t in array array['device_label', 'device_command', 'idempotency_key']
    loop
        execute format('alter table %I enable row level security', t);
        execute format('alter table %I force row level security', t);
        execute format('create policy tenant_only on %I using (tenant = current_setting(''cema.tenant'', true)) '
            || 'with check (tenant = current_setting(''cema.tenant'', true))', t);
    end loop;
end $$;
