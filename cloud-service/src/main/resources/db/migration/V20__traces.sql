-- W3C traceparent of what is traced, so that a step can point at the frames that taught it and a device's swap at the step.
alter table sample add column trace_parent text;            -- null: the frame is not traced
alter table affine_version add column trace_parent text not null default '';
