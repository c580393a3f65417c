-- Model rollouts: a cohort moves from its pair to another in waves. While a device's row is active, its pair is the
-- rollout's and not the cohort's; whoever derives a desired state joins on that.

create table rollout (
    tenant      text not null,
    id          text not null,                     -- ULID
    cohort      text not null,
    pair        text not null,                     -- where it leads
    former_pair text not null,                     -- where the devices return to
    waves       jsonb not null,                    -- list of io.cema.cloud.rollout.model.Wave
    state       text not null default 'DRAFT' check (state in ('DRAFT', 'RUNNING', 'PAUSED', 'SUCCEEDED',
        'ROLLING_BACK', 'ROLLED_BACK', 'CANCELLED', 'FAILED')),
    wave        int not null default -1,           -- the one that runs, from 0
    ending      text check (ending in ('ROLLED_BACK', 'CANCELLED')), -- state after ROLLING_BACK
    reason      text not null default '',          -- of the newest change of state
    finding     text not null default '',          -- what the running wave waits for; does not raise the version
    version     bigint not null default 1,         -- entity tag
    created_at  timestamptz not null default now(),
    started_at  timestamptz,
    wave_started_at timestamptz,
    wave_deadline timestamptz,
    paused_at   timestamptz,
    ended_at    timestamptz,
    primary key (tenant, id),
    foreign key (tenant, cohort) references cohort (tenant, id) on delete cascade,
    foreign key (tenant, pair) references model_pair (tenant, id),
    foreign key (tenant, former_pair) references model_pair (tenant, id)
);
create unique index rollout_one_per_cohort on rollout (tenant, cohort) where state in ('RUNNING', 'PAUSED');

create table rollout_device (
    tenant      text not null,
    rollout     text not null,
    device      text not null,
    cohort      text not null,
    pair        text not null,
    bucket      double precision not null,         -- place in the order of devices, percent from 0 to below 100
    wave        int not null,                      -- decided once, so that no device goes to and fro
    active      boolean not null default false,    -- the pair is in force for this device
    state       text not null default 'PENDING' check (state in ('PENDING', 'DOWNLOADING', 'DOWNLOADED', 'VERIFIED',
        'APPLIED', 'FAILED')),
    reason      text not null default '',
    activated_at timestamptz,
    state_at    timestamptz,
    primary key (tenant, rollout, device),
    foreign key (tenant, rollout) references rollout (tenant, id) on delete cascade,
    foreign key (tenant, device) references device (tenant, id) on delete cascade,
    foreign key (tenant, pair) references model_pair (tenant, id)
);
create unique index rollout_device_override on rollout_device (tenant, cohort, device) where active;

-- The newest word of a device about a model.
create index device_event_of_model on device_event (tenant, device, model_digest, generation desc, connection desc,
    sequence desc) where subject = 'model';

do $$
declare t text;
begin
    foreach t in array array['rollout', 'rollout_device']
    loop
        execute format('alter table %I enable row level security', t);
        execute format('alter table %I force row level security', t);
        execute format('create policy tenant_only on %I using (tenant = current_setting(''cema.tenant'', true)) '
            || 'with check (tenant = current_setting(''cema.tenant'', true))', t);
    end loop;
end $$;
