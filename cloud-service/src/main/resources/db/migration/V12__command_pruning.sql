-- Ended commands go after a while (io.cema.cloud.fleet.command.CommandPruning), the oldest first.
create index device_command_ended on device_command (tenant, ended_at) where ended_at is not null;
