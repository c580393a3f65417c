import { useState } from "preact/hooks";
import { get, type Page } from "../api/client";
import type { Device } from "../api/types";
import { Empty, Heading, Section, Waiting } from "../components/layout";
import { ProblemBox } from "../components/problem";
import { State, Status } from "../components/status";
import { Table } from "../components/table";
import { ago, NONE, plural } from "../format";
import { troubles } from "../health";
import { useLoaded, useNow } from "../hooks";
import { Link } from "../router";

const PER_PAGE = 100;

const FILTERS = [
  { name: "All", query: {} },
  { name: "Online", query: { presence: "ONLINE" } },
  { name: "Offline", query: { presence: "OFFLINE" } },
  { name: "Unknown", query: { presence: "UNKNOWN" } },
  { name: "With a problem", query: { problem: "true" } },
];

/** Finds one device among many: by the beginning of its id, its labels, and how it stands. */
export function DevicesPage() {
  const [typed, setTyped] = useState({ q: "", label: "" });
  const [asked, setAsked] = useState(typed);
  const [filter, setFilter] = useState(0);
  const [offset, setOffset] = useState(0);
  const loaded = useLoaded(
    (signal) =>
      get<Page<Device>>("devices", { ...asked, ...FILTERS[filter]!.query, limit: PER_PAGE, offset, status: "ACTIVE" }, signal),
    [asked, filter, offset],
    { on: (e) => e.type.startsWith("device."), everyMillis: 10_000 },
  );
  const now = useNow();
  const page = loaded.data;
  const first = (change: () => void) => {
    setOffset(0);
    change();
  };
  return (
    <>
      <Heading title="Devices" />
      <form
        class="filter"
        role="search"
        onSubmit={(event) => {
          event.preventDefault();
          first(() => setAsked({ q: typed.q.trim(), label: typed.label.trim() }));
        }}
      >
        <label>
          Id begins with{" "}
          <input
            value={typed.q}
            placeholder="cam-"
            spellcheck={false}
            onInput={(e) => setTyped({ ...typed, q: e.currentTarget.value })}
          />
        </label>
        <label>
          Labels{" "}
          <input
            value={typed.label}
            placeholder="site=north,floor!=2"
            spellcheck={false}
            onInput={(e) => setTyped({ ...typed, label: e.currentTarget.value })}
          />
        </label>
        <button type="submit">Find</button>
        <div class="choice" role="group" aria-label="Which devices">
          {FILTERS.map((f, i) => (
            <button key={f.name} type="button" aria-pressed={i === filter} onClick={() => first(() => setFilter(i))}>
              {f.name}
            </button>
          ))}
        </div>
      </form>
      <ProblemBox problem={loaded.problem} retry={loaded.reload} />
      {!page && !loaded.problem && <Waiting />}
      {page && (
        <Section
          title={FILTERS[filter]!.name === "All" ? "Active" : FILTERS[filter]!.name}
          note={page.next == null && offset === 0 ? plural(page.items.length, "device") : `from number ${offset + 1}`}
        >
          {page.items.length === 0 ? (
            <Empty>
              <p>No device fits.</p>
              <p>Ids are told apart by upper and lower case; a device appears when it is enrolled or first heard of.</p>
            </Empty>
          ) : (
            <Table
              caption="Devices"
              rows={page.items}
              id={(d) => d.id}
              columns={[
                { name: "Device", cell: (d) => <DeviceLink device={d} /> },
                { name: "Presence", cell: (d) => <State of={d.presence} /> },
                { name: "Heard", cell: (d) => ago(d.seenAt, now) },
                { name: "Problem", wide: true, cell: (d) => <Troubles of={d} /> },
                {
                  name: "Cohorts",
                  cell: (d) =>
                    d.slots.length === 0
                      ? NONE
                      : d.slots.map((cohort, i) => (
                          <>
                            {i > 0 && ", "}
                            <Link to={{ page: "cohort", id: cohort }}>{cohort}</Link>
                          </>
                        )),
                },
                { name: "Software", cell: (d) => String(d.reported?.["agentVersion"] ?? NONE) },
                { name: "Labels", wide: true, cell: (d) => <Labels of={d} /> },
              ]}
            />
          )}
          <div class="pager">
            <button type="button" disabled={offset === 0} onClick={() => setOffset(Math.max(0, offset - PER_PAGE))}>
              Before
            </button>
            <button type="button" disabled={page.next == null} onClick={() => setOffset(page.next ?? 0)}>
              Further
            </button>
          </div>
        </Section>
      )}
    </>
  );
}

export function DeviceLink({ device }: { device: Device }) {
  return (
    <strong>
      <Link to={{ page: "device", id: device.id }}>{device.displayName || device.id}</Link>
    </strong>
  );
}

export function Labels({ of }: { of: Device }) {
  const labels = Object.entries(of.labels).sort(([a], [b]) => a.localeCompare(b));
  return labels.length === 0 ? (
    <span class="muted">{NONE}</span>
  ) : (
    <ul class="chips">
      {labels.map(([key, value]) => (
        <li key={key}>{value === "" ? key : `${key}=${String(value)}`}</li>
      ))}
    </ul>
  );
}

export function Troubles({ of }: { of: Device }) {
  const found = troubles(of);
  return found.length === 0 ? <span class="muted">none</span> : <Status tone="warn">{found.join("; ")}</Status>;
}
