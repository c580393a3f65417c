-- What devices tell that may send no images: normalisation statistics of many frames at once.
create table statistics_report (
    tenant      text not null,
    device      text not null,
    report_id   text not null,                     -- ULID, made by the device
    ordinal     bigint generated always as identity,
    cohort      text not null,
    model_digest text not null,
    update_version text not null default '',       -- in use while the frames were taken
    frames      int not null,
    prior       real not null,                     -- the source's share behind which was measured
    statistics  bytea not null,                    -- io.cema.protocol.onnx.StatisticsCodec
    mean_entropy real not null,                    -- of what the device answered, nats
    information real not null,
    classes     int[] not null,
    renormalised_entropy real not null,            -- of the registered model behind these statistics
    renormalised_information real not null,
    renormalised_classes int[] not null,
    received_at timestamptz not null default now(),
    primary key (tenant, device, report_id),
    foreign key (tenant, cohort) references cohort (tenant, id) on delete cascade,
    foreign key (tenant, device) references device (tenant, id) on delete cascade
);
create index statistics_report_by_loop on statistics_report (tenant, cohort, model_digest, ordinal desc);
create index statistics_report_by_device on statistics_report (tenant, device, received_at);
create index statistics_report_by_age on statistics_report (tenant, received_at);

alter table statistics_report enable row level security;
alter table statistics_report force row level security;
create policy tenant_only on statistics_report using (tenant = current_setting('cema.tenant', true))
    with check (tenant = current_setting('cema.tenant', true));
