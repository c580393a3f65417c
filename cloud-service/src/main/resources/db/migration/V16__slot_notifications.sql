-- Says that slots may be others, whoever changes them, so that the list which brokers hold devices to is made anew
-- (io.cema.cloud.security.SlotList). What is said counts with the commit, and once for each transaction.
create function slots_changed() returns trigger language plpgsql as $$
begin
    perform pg_notify('cema_slots', coalesce(new.tenant, old.tenant));
    return null;
end $$;
create trigger device_slot_told after insert or update or delete on device_slot
    for each row execute function slots_changed();
create trigger canary_device_told after insert or update or delete on canary_device
    for each row execute function slots_changed();
create trigger rollout_device_told after insert or update of active, pair or delete on rollout_device
    for each row execute function slots_changed();
create trigger cohort_told after update of pair, policy on cohort
    for each row execute function slots_changed();
