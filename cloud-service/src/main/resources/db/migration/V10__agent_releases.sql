-- The agent's software, and devices whose certificate ran out.

create table agent_release (
    tenant      text not null,
    version     text not null,                     -- as the package's own file says
    notes       text not null default '',
    created_at  timestamptz not null default now(),
    primary key (tenant, version)
);

create table agent_package (
    tenant      text not null,
    version     text not null,
    platform    text not null,                     -- linux-x86_64, linux-arm64
    digest      text not null,                     -- SHA-256 of the archive, which is an artefact
    size        bigint not null,
    signature   bytea not null,                    -- of the release key, which devices pin and the cloud does not have
    created_at  timestamptz not null default now(),
    primary key (tenant, version, platform),
    foreign key (tenant, version) references agent_release (tenant, version) on delete cascade
);
create index agent_package_by_digest on agent_package (tenant, digest);

-- What is wished: of the device, else of its cohort, else none, which leaves the device as it is.
alter table cohort add column agent_version text;
alter table cohort add foreign key (tenant, agent_version) references agent_release (tenant, version);
alter table device add column agent_version text;
alter table device add foreign key (tenant, agent_version) references agent_release (tenant, version);

-- A device asks for a certificate with the key of one that is at its end; an admin decides.
create table re_enrolment (
    tenant          text not null,
    id              text not null,                 -- ULID
    device          text not null,
    expired_serial  text not null,                 -- of the certificate at its end: one request for each
    state           text not null default 'PENDING'
                    check (state in ('PENDING', 'APPROVED', 'DENIED', 'ISSUED')),
    requested_at    timestamptz not null default now(),
    decided_at      timestamptz,
    decided_by      text,
    serial          text,                          -- of the certificate given for it
    version         bigint not null default 1,
    primary key (tenant, id),
    unique (tenant, expired_serial),
    foreign key (tenant, expired_serial) references device_certificate (tenant, serial),
    foreign key (tenant, serial) references device_certificate (tenant, serial)
);
create index re_enrolment_by_time on re_enrolment (tenant, requested_at desc);

do $$
declare t text;
begin
    foreach t in array array['agent_release', 'agent_package', 're_enrolment']
    loop
        execute format('alter table %I enable row level security', t);
        execute format('alter table %I force row level security', t);
        execute format('create policy tenant_only on %I using (tenant = current_setting(''cema.tenant'', true)) '
            || 'with check (tenant = current_setting(''cema.tenant'', true))', t);
    end loop;
end $$;
