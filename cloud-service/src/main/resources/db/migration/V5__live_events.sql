-- What happens, for those who watch. Kept for a while only: the lasting record of who did what is the audit log.
create table live_event (
    tenant      text not null,
    id          bigint generated always as identity primary key,
    type        text not null,                     -- rollout.promoted, device.online
    subject     text not null,                     -- path below /api/v1: devices/camera-1
    data        jsonb not null default '{}',
    at          timestamptz not null default now()
);
create index live_event_by_tenant on live_event (tenant, id);
create index live_event_by_age on live_event (at);

alter table live_event enable row level security;
alter table live_event force row level security;
create policy tenant_only on live_event using (tenant = current_setting('cema.tenant', true))
    with check (tenant = current_setting('cema.tenant', true));
