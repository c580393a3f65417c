-- Updates go to canaries first. A candidate under judgement belongs to its loop; what was decided stays on record.

alter table sample add column teacher_class int;    -- what the loop's teacher saw, once it has looked
create index sample_unscored on sample (tenant, cohort, model_digest, ordinal) where teacher_class is null;
create index sample_by_device on sample (tenant, device, received_at);
create index device_event_by_time on device_event (tenant, device, received_at);

-- A device's first telemetry under a trial: what later telemetry is counted from. Gone when the trial ends.
create table health_baseline (
    tenant      text not null,
    trial       text not null,                     -- id of an update's or model's rollout
    device      text not null,
    telemetry   jsonb not null,
    taken_at    timestamptz not null default now(),
    primary key (tenant, trial, device)
);

alter table adaptation_loop add column candidate_version text;    -- under judgement
alter table adaptation_loop add column candidate_checkpoint text; -- artefact, beside the live version's until decided

-- The cohort's canaries, chosen once, so that they do not flap.
create table canary_device (
    tenant      text not null,
    cohort      text not null,
    device      text not null,
    chosen_at   timestamptz not null default now(),
    primary key (tenant, cohort, device),
    foreign key (tenant, cohort) references cohort (tenant, id) on delete cascade,
    foreign key (tenant, device) references device (tenant, id) on delete cascade
);

create table update_rollout (
    tenant      text not null,
    version     text not null,                     -- the candidate
    cohort      text not null,
    model_digest text not null,
    state       text not null check (state in ('CANARY', 'PROMOTED', 'REVOKED', 'SUPERSEDED')),
    canaries    int not null,
    evidence    jsonb not null default '{}',       -- io.cema.cloud.rollout.health.HealthVerdict, the newest
    reason      text not null default '',
    decided_by  text,                              -- service, or who it was
    started_at  timestamptz not null default now(),
    judged_at   timestamptz,
    decided_at  timestamptz,
    row_version bigint not null default 1,
    primary key (tenant, version),
    foreign key (tenant, version) references affine_version (tenant, version)
);
create unique index update_rollout_one_candidate on update_rollout (tenant, cohort, model_digest)
    where state = 'CANARY';
create index update_rollout_by_time on update_rollout (tenant, started_at desc);

-- What an operator holds fast. No row: nothing.
create table update_hold (
    tenant      text not null,
    cohort      text not null,
    frozen      boolean not null default false,    -- no new publications of the loop
    pinned_version text,                           -- the devices stay on it
    row_version bigint not null default 1,
    changed_at  timestamptz not null default now(),
    primary key (tenant, cohort),
    foreign key (tenant, cohort) references cohort (tenant, id) on delete cascade,
    foreign key (tenant, pinned_version) references affine_version (tenant, version)
);

do $$
declare t text;
begin
    foreach t in array array['health_baseline', 'canary_device', 'update_rollout', 'update_hold']
    loop
        execute format('alter table %I enable row level security', t);
        execute format('alter table %I force row level security', t);
        execute format('create policy tenant_only on %I using (tenant = current_setting(''cema.tenant'', true)) '
            || 'with check (tenant = current_setting(''cema.tenant'', true))', t);
    end loop;
end $$;
