-- Who did what, and which tokens no longer count. The audit log grows and is never changed: not by the service either.

create table audit_entry (
    tenant      text not null,
    id          bigint generated always as identity,
    at          timestamptz not null default now(),
    who         text not null,                     -- subject of a token, device:ID, or anonymous
    address     text not null,                     -- where the request came from
    operation   text not null,                     -- HTTP method, or ENROL and RENEW of a device
    resource    text not null,                     -- path
    primary key (tenant, id)
);
create index audit_entry_by_who on audit_entry (tenant, who, id desc);

-- An entry without an outcome: the process ended in between, the change may have happened.
create table audit_outcome (
    tenant      text not null,
    entry       bigint not null,
    at          timestamptz not null default now(),
    status      int not null,                      -- HTTP status
    created     text,                              -- path of what was made
    primary key (tenant, entry),
    foreign key (tenant, entry) references audit_entry (tenant, id)
);

create function audit_is_append_only() returns trigger language plpgsql as $$
begin
    raise exception 'the audit log is append-only: % of % is refused', tg_op, tg_table_name;
end $$;

-- Tokens of the local issuer that were revoked before their end. A token itself is stored nowhere.
create table revoked_token (
    tenant      text not null,
    id          text not null,                     -- ULID, claim jti
    revoked_at  timestamptz not null default now(),
    primary key (tenant, id)
);

do $$
declare t text;
begin
    foreach t in array array['audit_entry', 'audit_outcome']
    loop
        execute format('create trigger append_only before update or delete on %I '
            || 'for each row execute function audit_is_append_only()', t);
        execute format('create trigger no_truncate before truncate on %I '
            || 'for each statement execute function audit_is_append_only()', t);
    end loop;
    foreach t in array array['audit_entry', 'audit_outcome', 'revoked_token']
    loop
        execute format('alter table %I enable row level security', t);
        execute format('alter table %I force row level security', t);
        execute format('create policy tenant_only on %I using (tenant = current_setting(''cema.tenant'', true)) '
            || 'with check (tenant = current_setting(''cema.tenant'', true))', t);
    end loop;
end $$;
