-- Live events in an order that a watcher can hold on to. Numbers of an identity column are handed out before the commit, so a
-- smaller one may appear after a greater one was shown. The transaction's number tells what is settled: below the oldest
-- transaction that still runs nothing more can appear.
alter table live_event add column xact bigint not null default (pg_current_xact_id()::text::bigint);
drop index live_event_by_tenant;
create index live_event_in_order on live_event (tenant, xact, id);

-- Up to where events were removed: whoever stands before it has missed some and must be told.
create table live_event_pruned (
    tenant      text primary key,
    before      bigint not null                    -- live_event.xact
);

alter table live_event_pruned enable row level security;
alter table live_event_pruned force row level security;
create policy tenant_only on live_event_pruned using (tenant = current_setting('cema.tenant', true))
    with check (tenant = current_setting('cema.tenant', true));
