-- Compression jobs. Images and results are artefacts; a job whose process ended is marked and can be started again.

create table compression (
    tenant      text not null,
    id          text not null,                     -- ULID
    name        text not null,
    model_digest text not null,
    teacher_digest text,
    images_digest text not null,                   -- artefact: unlabelled images
    test_digest text,                              -- artefact: labelled images
    options     jsonb not null,                    -- io.cema.cloud.compression.CompressionSettings
    status      text not null check (status in ('QUEUED', 'RUNNING', 'DONE', 'FAILED', 'CANCELLED', 'INTERRUPTED')),
    holder      text not null,                     -- instance that works on it
    stage       text not null default '',
    progress    double precision not null default 0,
    detail      text not null default '',
    problem     text,
    result_digest text,                            -- the compressed model
    report      jsonb,                             -- io.cema.cloud.compression.CompressionReport
    created_at  timestamptz not null default now(),
    started_at  timestamptz,
    ended_at    timestamptz,
    primary key (tenant, id),
    foreign key (tenant, model_digest) references model (tenant, digest),
    foreign key (tenant, teacher_digest) references model (tenant, digest),
    foreign key (tenant, result_digest) references model (tenant, digest)
);
create index compression_by_time on compression (tenant, created_at desc);
create index compression_open on compression (tenant, holder) where status in ('QUEUED', 'RUNNING');

alter table compression enable row level security;
alter table compression force row level security;
create policy tenant_only on compression using (tenant = current_setting('cema.tenant', true))
    with check (tenant = current_setting('cema.tenant', true));
