-- Who may connect as a device. A claim admits one key once; a certificate stays on record after its end.

create table device_claim (
    tenant      text not null,
    id          text not null,                     -- ULID
    token_hash  bytea not null,                    -- SHA-256 of the token's secret; the secret is nowhere
    device      text not null,
    cohort      text,
    expires_at  timestamptz not null,
    created_at  timestamptz not null default now(),
    key_hash    bytea,                             -- SHA-256 of the first public key that came with it
    serial      text,                              -- of the certificate given for it
    used_at     timestamptz,
    primary key (tenant, id),
    unique (tenant, token_hash),
    foreign key (tenant, cohort) references cohort (tenant, id)
);
create index device_claim_by_time on device_claim (tenant, created_at desc);

create table device_certificate (
    tenant      text not null,
    serial      text not null,                     -- lower-case hex
    device      text not null,
    generation  bigint not null,                   -- how often the device was enrolled when it was issued
    key_hash    bytea not null,                    -- SHA-256 of the public key
    certificate bytea not null,                    -- DER
    not_before  timestamptz not null,
    not_after   timestamptz not null,
    revoked_at  timestamptz,
    revoked_because text,
    created_at  timestamptz not null default now(),
    primary key (tenant, serial)
);
create index device_certificate_by_device on device_certificate (tenant, device, not_after desc);
create index device_certificate_revoked on device_certificate (tenant, not_after) where revoked_at is not null;

alter table device add column enrolments bigint not null default 0; -- the generation given last

do $$
declare t text;
begin
    foreach t in array array['device_claim', 'device_certificate']
    loop
        execute format('alter table %I enable row level security', t);
        execute format('alter table %I force row level security', t);
        execute format('create policy tenant_only on %I using (tenant = current_setting(''cema.tenant'', true)) '
            || 'with check (tenant = current_setting(''cema.tenant'', true))', t);
    end loop;
end $$;
