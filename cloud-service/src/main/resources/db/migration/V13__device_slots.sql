-- A device has a slot for each model it runs. The first is that of its own cohort, device.cohort, where lists and selectors
-- put it; further ones are given by operators.

create table device_slot (
    tenant      text not null,
    device      text not null,
    cohort      text not null,
    further     boolean not null default false,    -- else of the device's own cohort
    created_at  timestamptz not null default now(),
    primary key (tenant, device, cohort),
    foreign key (tenant, device) references device (tenant, id) on delete cascade,
    foreign key (tenant, cohort) references cohort (tenant, id)
);
create unique index device_slot_own on device_slot (tenant, device) where not further;
create index device_slot_by_cohort on device_slot (tenant, cohort, device);

-- Of every tenant: the owner of a table is held by its policies, unless told otherwise for a moment.
alter table device no force row level security;
insert into device_slot (tenant, device, cohort) select tenant, id, cohort from device where cohort is not null;
alter table device force row level security;

-- The own slot follows the device's cohort, whoever changes it; out of service a device has no slot at all.
create function device_slot_follows() returns trigger language plpgsql as $$
begin
    delete from device_slot
        where tenant = new.tenant and device = new.id and (not further or new.status = 'DECOMMISSIONED');
    if new.cohort is not null then
        insert into device_slot (tenant, device, cohort) values (new.tenant, new.id, new.cohort)
            on conflict (tenant, device, cohort) do update set further = false;
    end if;
    return null;
end $$;
create trigger device_slot_insert after insert on device
    for each row when (new.cohort is not null) execute function device_slot_follows();
create trigger device_slot_update after update of cohort, status on device
    for each row when (new.cohort is distinct from old.cohort or new.status is distinct from old.status)
    execute function device_slot_follows();

alter table device_slot enable row level security;
alter table device_slot force row level security;
create policy tenant_only on device_slot using (tenant = current_setting('cema.tenant', true))
    with check (tenant = current_setting('cema.tenant', true));
