-- Drift, alarms, and webhooks that tell of them.

-- One stream of observations: a signal of a device in a cohort, or of the cohort as a whole (device is empty then).
create table drift_stream (
    tenant      text not null,
    cohort      text not null,
    device      text not null default '',
    signal      text not null,                     -- ENTROPY, CLASSES, STATISTICS
    model_digest text not null default '',
    update_version text not null default '',       -- in use while the reference was learnt
    phase       text not null check (phase in ('LEARNING', 'WATCHING', 'DRIFTED')),
    observations bigint not null default 0,        -- since the reference began
    evidence    double precision not null default 0,
    score       double precision not null default 0, -- mean distance of the newest observations from the reference
    usual       double precision not null default 0, -- the same when the watch began
    rank        double precision,                  -- share of earlier scores below that of the newest observation
    state       jsonb not null,                    -- io.cema.cloud.drift.StreamState
    since       timestamptz not null default now(), -- when the reference began
    observed_at timestamptz not null default now(),
    primary key (tenant, cohort, device, signal),
    foreign key (tenant, cohort) references cohort (tenant, id) on delete cascade
);
create index drift_stream_by_device on drift_stream (tenant, device) where device <> '';

create table alarm (
    tenant      text not null,
    id          text not null,                     -- ULID
    type        text not null,                     -- io.cema.cloud.alarm.AlarmType
    signal      text not null default '',          -- of DRIFT: what drifts
    subject     text not null,                     -- path below /api/v1: devices/camera-1
    cohort      text,
    device      text,
    severity    text not null check (severity in ('WARNING', 'CRITICAL')),
    state       text not null default 'RAISED' check (state in ('RAISED', 'ACKNOWLEDGED', 'CLEARED')),
    message     text not null,
    evidence    jsonb not null default '{}',
    raised_at   timestamptz not null default now(),
    acknowledged_at timestamptz,
    acknowledged_by text,
    cleared_at  timestamptz,
    cleared_by  text,                              -- 'service' where it cleared by itself
    clear_reason text,
    version     bigint not null default 1,
    primary key (tenant, id)
);
-- One open alarm for each thing that is wrong.
create unique index alarm_open on alarm (tenant, type, signal, subject, coalesce(cohort, ''))
    where state <> 'CLEARED';
create index alarm_by_time on alarm (tenant, raised_at desc);
create index alarm_cleared on alarm (tenant, cleared_at) where state = 'CLEARED';

create table webhook (
    tenant      text not null,
    id          text not null,                     -- ULID
    url         text not null,
    events      text[] not null,                   -- types of live events, or beginnings of them that end in a dot
    description text not null default '',
    secret      bytea not null,
    created_at  timestamptz not null default now(),
    primary key (tenant, id)
);

-- What is to be told to whom. Written in the transaction of the event it tells of.
create table webhook_delivery (
    tenant      text not null,
    id          text not null,                     -- the receiver sees it again when a delivery is repeated
    ordinal     bigint generated always as identity,
    webhook     text not null,
    event_type  text not null,
    payload     jsonb not null,
    state       text not null default 'PENDING' check (state in ('PENDING', 'DELIVERED', 'DEAD')),
    attempts    int not null default 0,
    created_at  timestamptz not null default now(),
    next_at     timestamptz not null default now(), -- or until when it is claimed
    ended_at    timestamptz,
    status      int,                               -- of the last answer
    problem     text,                              -- of the last attempt
    primary key (tenant, id),
    foreign key (tenant, webhook) references webhook (tenant, id) on delete cascade
);
create index webhook_delivery_due on webhook_delivery (tenant, webhook, next_at) where state = 'PENDING';
create index webhook_delivery_by_webhook on webhook_delivery (tenant, webhook, ordinal desc);
create index webhook_delivery_ended on webhook_delivery (tenant, ended_at) where state <> 'PENDING';

do $$
declare t text;
begin
    foreach t in array array['drift_stream', 'alarm', 'webhook', 'webhook_delivery']
    loop
        execute format('alter table %I enable row level security', t);
        execute format('alter table %I force row level security', t);
        execute format('create policy tenant_only on %I using (tenant = current_setting(''cema.tenant'', true)) '
            || 'with check (tenant = current_setting(''cema.tenant'', true))', t);
    end loop;
end $$;

-- Every live event goes to the webhooks that ask for its type, whoever writes it: told if and only if it was committed.
create function webhook_tells() returns trigger language plpgsql as $$
begin
    insert into webhook_delivery (tenant, id, webhook, event_type, payload)
        select new.tenant, 'msg_' || replace(gen_random_uuid()::text, '-', ''), w.id, new.type,
            jsonb_build_object('type', new.type, 'subject', new.subject, 'timestamp', new.at, 'data', new.data)
        from webhook w
        where w.tenant = new.tenant and exists (select 1 from unnest(w.events) e
            where e = '*' or e = new.type or (right(e, 1) = '.' and starts_with(new.type, e)));
    return null;
end $$;
create trigger live_event_webhooks after insert on live_event for each row execute function webhook_tells();
