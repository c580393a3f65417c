-- Every table carries the tenant; row-level security compares it with the transaction's setting cema.tenant.
-- FORCE makes it hold for the tables' owner too. The service's role must not be a superuser.

create table system_state (
    id          boolean primary key default true check (id),
    epoch       bigint not null default 1          -- raised by a restore from backup
);
insert into system_state default values;

create table model (
    tenant      text not null,
    digest      text not null,                     -- SHA-256 of the ONNX artefact, 64 hex
    name        text not null,
    manifest    jsonb not null,                    -- io.cema.protocol.model.ModelManifest
    manifest_digest text not null,                 -- artefact holding exactly these bytes
    manifest_size bigint not null,
    size        bigint not null,
    source_digest text,                            -- the uploaded file, where normalisation had to be restored
    created_at  timestamptz not null default now(),
    primary key (tenant, digest)
);

create table model_pair (
    tenant      text not null,
    id          text not null,                     -- [A-Za-z0-9_-]{1,30}
    edge_digest text not null,
    foundation_digest text not null,
    created_at  timestamptz not null default now(),
    primary key (tenant, id),
    foreign key (tenant, edge_digest) references model (tenant, digest),
    foreign key (tenant, foundation_digest) references model (tenant, digest)
);

create table cohort (
    tenant      text not null,
    id          text not null,
    pair        text not null,
    policy      jsonb not null default '{}',       -- typed in the service: selection, cadence, gate
    created_at  timestamptz not null default now(),
    primary key (tenant, id),
    foreign key (tenant, pair) references model_pair (tenant, id)
);

create table device (
    tenant      text not null,
    id          text not null,
    cohort      text,
    online      text not null default 'UNKNOWN' check (online in ('ONLINE', 'OFFLINE', 'UNKNOWN')),
    generation  bigint not null default 0,
    connection  bigint not null default 0,
    desired_version bigint not null default 0,
    reported    jsonb,
    telemetry   jsonb,
    seen_at     timestamptz,
    created_at  timestamptz not null default now(),
    primary key (tenant, id),
    foreign key (tenant, cohort) references cohort (tenant, id)
);

-- Parts of images on their way in; joined into `sample` when complete, then deleted.
create table sample_part (
    tenant      text not null,
    device      text not null,
    sample_id   text not null,
    part        int not null,
    parts       int not null,
    data        bytea not null,
    info        bytea not null,                    -- cema.v1.SampleInfo
    sha256      bytea not null,
    received_at timestamptz not null default now(),
    primary key (tenant, device, sample_id, part)
);

create table sample (
    tenant      text not null,
    device      text not null,
    sample_id   text not null,                     -- ULID, made by the device
    ordinal     bigint generated always as identity, -- order of becoming durable
    cohort      text not null,
    model_digest text not null,
    artefact    text not null,                     -- SHA-256 of the image payload in the artefact store
    format      text not null,
    width       int not null,
    height      int not null,
    bytes       int not null,
    entropy     real not null,
    predicted_class int not null,
    reason      text not null,                     -- INFORMATIVE, RANDOM, STATISTICS
    update_version text not null default '',
    frame       bigint not null default 0,
    captured_at timestamptz,
    received_at timestamptz not null default now(),
    held_back   boolean not null,                  -- for the gate, never trained on
    trained_step bigint,                           -- step that took it as new; set once
    primary key (tenant, device, sample_id)
);
create index sample_by_loop on sample (tenant, cohort, model_digest, ordinal desc);
create index sample_untrained on sample (tenant, cohort, model_digest, ordinal) where trained_step is null and not held_back;

create table dead_letter (
    tenant      text not null,
    id          bigint generated always as identity primary key,
    topic       text not null,
    device      text,
    sample_id   text,
    reason      text not null,
    payload     bytea,
    received_at timestamptz not null default now()
);

create table adaptation_loop (
    tenant      text not null,
    cohort      text not null,
    model_digest text not null,
    foundation_digest text not null,
    holder      text,                              -- process that owns the lease
    fencing     bigint not null default 0,         -- rises with every take-over
    expires_at  timestamptz not null default '-infinity',
    step        bigint not null default 0,
    next_revision bigint not null default 1,       -- across all channels
    live_version text,
    checkpoint  text,                              -- artefact: twin, teacher, optimiser, statistics of the live version
    status      text not null default 'IDLE',
    problem     text,
    primary key (tenant, cohort, model_digest),
    foreign key (tenant, cohort) references cohort (tenant, id)
);

create table affine_version (
    tenant      text not null,
    version     text not null,                     -- ULID
    cohort      text not null,
    model_digest text not null,
    parent      text,                              -- version the twin went on from
    step        bigint not null,
    first_ordinal bigint,                          -- the samples that taught it
    last_ordinal bigint,
    samples     bigint not null default 0,
    teacher_digest text not null,
    affine      bytea,                             -- AffineCodec; null if refused before encoding
    verdict     text not null check (verdict in ('PUBLISHED', 'REFUSED')),
    reason      text not null default '',
    metrics     jsonb not null default '{}',
    fencing     bigint not null,
    created_at  timestamptz not null default now(),
    primary key (tenant, version)
);
create index affine_version_by_loop on affine_version (tenant, cohort, model_digest, created_at desc);

create table publication (
    tenant      text not null,
    cohort      text not null,
    model_digest text not null,
    epoch       bigint not null,
    revision    bigint not null,
    channel     text not null,
    version     text not null,
    published_at timestamptz not null default now(),
    primary key (tenant, cohort, model_digest, epoch, revision),
    foreign key (tenant, version) references affine_version (tenant, version)
);

create table device_event (
    tenant      text not null,
    id          bigint generated always as identity primary key,
    device      text not null,
    type        text not null,
    subject     text not null,
    model_digest text not null,
    version     text not null default '',
    epoch       bigint not null default 0,
    revision    bigint not null default 0,
    reason      text not null default '',
    generation  bigint not null,
    connection  bigint not null,
    sequence    bigint not null,
    duration_ms double precision not null default 0,
    received_at timestamptz not null default now(),
    unique (tenant, device, generation, connection, sequence)
);

-- What must go down. Written in the transaction of the change it tells of; only the outbox publishes.
create table outbox (
    id          bigint generated always as identity primary key,
    tenant      text not null,
    topic       text not null,
    payload     bytea not null,
    qos         int not null default 1,
    retain      boolean not null,
    created_at  timestamptz not null default now(),
    published_at timestamptz
);
create index outbox_pending on outbox (id) where published_at is null;
-- The newest retained payload per topic: what a broker that lost its memory is given again.
create table retained_topic (
    tenant      text not null,
    topic       text not null,
    payload     bytea not null,
    updated_at  timestamptz not null default now(),
    primary key (tenant, topic)
);

do $$
declare t text;
begin
    foreach t in array array['model', 'model_pair', 'cohort', 'device', 'sample_part', 'sample', 'dead_letter',
        'adaptation_loop', 'affine_version', 'publication', 'device_event', 'outbox', 'retained_topic']
    loop
        execute format('alter table %I enable row level security', t);
        execute format('alter table %I force row level security', t);
        execute format('create policy tenant_only on %I using (tenant = current_setting(''cema.tenant'', true)) '
            || 'with check (tenant = current_setting(''cema.tenant'', true))', t);
    end loop;
end $$;
