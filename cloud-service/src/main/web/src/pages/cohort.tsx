import { useState } from "preact/hooks";
import { call, get, getAll, type Page } from "../api/client";
import type {
  AdaptationView,
  AlarmView,
  Cohort,
  Device,
  ProxyPoint,
  QuarantineView,
  UpdateHold,
  UpdateRolloutView,
  UpdateView,
} from "../api/types";
import { Alarms } from "../components/alarms";
import { Chart, type Mark } from "../components/chart";
import { useDeed, type Deed } from "../components/confirm";
import { Empty, Facts, Heading, Section, Waiting } from "../components/layout";
import { ProblemBox } from "../components/problem";
import { Findings } from "../components/findings";
import { State } from "../components/status";
import { Table } from "../components/table";
import { ago, bytes, clock, count, decimal, NONE, percent, plural, points, version } from "../format";
import { agreementOf, countersOf, entropyOf, findings, slotOf, telemetryNumber } from "../health";
import { useLoaded, useNow } from "../hooks";
import { Link } from "../router";
import { session } from "../session";
import { DeviceLink, Troubles } from "./devices";

const MOST_DEVICES = 1000;
const UPDATES = 100;

const WINDOWS = [
  { name: "15 min", seconds: 900, step: 15 },
  { name: "1 h", seconds: 3600, step: 60 },
  { name: "6 h", seconds: 6 * 3600, step: 300 },
  { name: "24 h", seconds: 86400, step: 900 },
  { name: "7 d", seconds: 7 * 86400, step: 7200 },
];

interface Life {
  cohort: Cohort;
  devices: Device[];
  loops: AdaptationView[];
  updates: UpdateView[];
  rollouts: Map<string, UpdateRolloutView>;
  hold: UpdateHold;
  holdTag: string | null;
  quarantined: QuarantineView[];
  alarms: AlarmView[];
}

async function load(id: string, signal: AbortSignal): Promise<Life> {
  const [cohort, devices, loops, updates, rollouts, hold, quarantined, alarms] = await Promise.all([
    get<Cohort>(`cohorts/${id}`, undefined, signal),
    getAll<Device>("devices", { cohort: id, status: "ACTIVE" }, MOST_DEVICES, signal),
    get<AdaptationView[]>("loops", { cohort: id }, signal),
    get<Page<UpdateView>>("updates", { cohort: id, limit: UPDATES }, signal),
    get<Page<UpdateRolloutView>>("update-rollouts", { cohort: id, limit: UPDATES }, signal),
    call<UpdateHold>("GET", `cohorts/${id}/pin`, { signal }),
    get<Page<QuarantineView>>("quarantine", { cohort: id, state: "QUARANTINED", limit: 200 }, signal),
    getAll<AlarmView>("alarms", { cohort: id, state: "OPEN" }, MOST_DEVICES, signal),
  ]);
  return {
    cohort,
    devices: devices.items,
    loops,
    updates: updates.items,
    rollouts: new Map(rollouts.items.map((r) => [r.version, r])),
    hold: hold.body,
    holdTag: hold.etag,
    quarantined: quarantined.items,
    alarms: alarms.items,
  };
}

export function CohortPage({ id }: { id: string }) {
  const [window, setWindow] = useState(0);
  const life = useLoaded((signal) => load(id, signal), [id], { on: () => true, everyMillis: 10_000 });
  const deeds = useDeed(life.reload);
  const data = life.data;
  const operator = session.may("operator");
  return (
    <>
      <Heading title={id} kind="Cohort">
        {data && operator && <Buttons life={data} ask={deeds.ask} />}
      </Heading>
      {deeds.dialog}
      <ProblemBox problem={life.problem} retry={life.reload} />
      {!data && !life.problem && <Waiting />}
      {data && (
        <>
          <Course life={data} window={WINDOWS[window]!} choose={(w) => setWindow(w)} chosen={window} />
          <Alarms
            alarms={data.alarms}
            note="They clear by themselves once it is well again; those of drift are false once in 30 days for the whole fleet, unless set otherwise."
            ask={operator ? deeds.ask : undefined}
          />
          <Updates life={data} ask={operator ? deeds.ask : undefined} />
          <Devices devices={data.devices} cohort={id} />
        </>
      )}
    </>
  );
}

function lastPublished(life: Life): UpdateView | undefined {
  const live = life.loops.map((l) => l.liveVersion);
  return life.updates.find((u) => live.includes(u.version));
}

/** What a rollback would most likely want: the version that the live one went on from. */
function versionBefore(life: Life): string {
  const live = lastPublished(life);
  const published = life.updates.filter((u) => isStable(u) && u.version !== live?.version);
  const older = live ? published.filter((u) => u.createdAt < live.createdAt) : published;
  return older[0]?.version ?? "base";
}

function isStable(update: UpdateView): boolean {
  return update.publications.some((p) => p.channel === "stable");
}

function Buttons({ life, ask }: { life: Life; ask: (deed: Deed) => void }) {
  const id = life.cohort.id;
  const live = lastPublished(life);
  const canary = [...life.rollouts.values()].find((r) => r.state === "CANARY");
  return (
    <>
      <Link class="button" to={{ page: "samples", cohort: id }}>
        Uploads
      </Link>
      {canary && (
        <button
          type="button"
          onClick={() =>
            ask({
              title: `Revoke update ${version(canary.version)}?`,
              body: <p>Its {plural(canary.canaries, "canary", "canaries")} return to the last good version.</p>,
              button: "Revoke",
              dangerous: true,
              run: () => call("POST", `update-rollouts/${canary.version}/revoke`),
              done: `Update ${version(canary.version)} is revoked.`,
            })
          }
        >
          Revoke canary
        </button>
      )}
      <button
        type="button"
        onClick={() =>
          ask({
            title: life.hold.frozen ? `Let ${id} publish again?` : `Freeze ${id}?`,
            body: (
              <p>
                {life.hold.frozen
                  ? "What the loop has learnt is published again once the gate finds it better."
                  : "Nothing is published until you let it; an update under judgement is revoked. The devices stay on what they have."}
              </p>
            ),
            button: life.hold.frozen ? "Let it publish" : "Freeze",
            run: () => call(life.hold.frozen ? "DELETE" : "PUT", `cohorts/${id}/freeze`, { etag: life.holdTag }),
            done: life.hold.frozen ? `${id} publishes again.` : `${id} is frozen.`,
          })
        }
      >
        {life.hold.frozen ? "Unfreeze" : "Freeze"}
      </button>
      {life.hold.pinnedVersion ? (
        <button
          type="button"
          onClick={() =>
            ask({
              title: `Let go of the pin of ${id}?`,
              body: <p>The devices stay on what they have until the next update is published.</p>,
              button: "Unpin",
              run: () => call("DELETE", `cohorts/${id}/pin`, { etag: life.holdTag }),
              done: `${id} is not pinned any more.`,
            })
          }
        >
          Unpin
        </button>
      ) : (
        live && (
          <button type="button" onClick={() => ask(pinDeed(life, live.version))}>
            Pin
          </button>
        )
      )}
      <button type="button" class="danger" onClick={() => ask(rollbackDeed(life, versionBefore(life)))}>
        Roll back
      </button>
    </>
  );
}

function pinDeed(life: Life, wanted: string): Deed {
  const id = life.cohort.id;
  return {
    title: `Pin ${id} to ${version(wanted)}?`,
    body: (
      <p>
        All {plural(life.devices.length, "device")} go to this version and stay, whatever the loop learns, until you unpin.
        An update under judgement ends.
      </p>
    ),
    button: "Pin",
    run: () => call("PUT", `cohorts/${id}/pin`, { body: { version: wanted }, etag: life.holdTag }),
    done: `${id} is pinned to ${version(wanted)}.`,
  };
}

function rollbackDeed(life: Life, wanted: string): Deed {
  const id = life.cohort.id;
  const base = wanted === "base";
  return {
    title: base ? `Roll ${id} back to its registered model?` : `Roll ${id} back to ${version(wanted)}?`,
    body: (
      <>
        <p>
          {base
            ? `All ${plural(life.devices.length, "device")} go to the model as it was registered, and the loop begins anew.`
            : `All ${plural(life.devices.length, "device")} go to this version, and the loop learns on from it.`}
        </p>
        <p class="muted">It goes down at once. Freeze the cohort to stay there.</p>
      </>
    ),
    button: "Roll back",
    dangerous: true,
    run: () => call("POST", `cohorts/${id}/rollback`, { body: { version: wanted } }),
    done: `${id} is rolled back to ${base ? "its registered model" : version(wanted)}.`,
  };
}

interface CourseProps {
  life: Life;
  window: (typeof WINDOWS)[number];
  chosen: number;
  choose: (window: number) => void;
}

interface Measured {
  from: number;
  until: number;
  points: ProxyPoint[];
}

function Course({ life, window, chosen, choose }: CourseProps) {
  const id = life.cohort.id;
  const now = useNow(10_000);
  const loaded = useLoaded<Measured>(
    async (signal) => {
      const until = Date.now();
      const since = until - window.seconds * 1000;
      const query = { since: new Date(since).toISOString(), step: window.step };
      return {
        from: since / 1000,
        until: until / 1000,
        points: await get<ProxyPoint[]>(`cohorts/${id}/proxies`, query, signal),
      };
    },
    [id, chosen],
    { everyMillis: Math.max(5000, window.step * 500) },
  );
  const measured = loaded.data;
  const found = findings({
    devices: life.devices,
    loops: life.loops,
    points: measured?.points ?? [],
    rollouts: [...life.rollouts.values()],
    quarantined: life.quarantined,
    alarms: life.alarms,
    hold: life.hold,
    now,
  });
  const online = life.devices.filter((d) => d.presence === "ONLINE").length;
  const live = lastPublished(life);
  const last = measured?.points[measured.points.length - 1];
  const seen = measured?.points.filter((p) => agreementOf(p) !== undefined).pop();
  const loop = life.loops.find((l) => l.holder) ?? life.loops[0];
  return (
    <>
      <Findings found={found} strip />
      <Facts
        facts={[
          { name: "Devices online", value: `${count(online)} / ${count(life.devices.length)}` },
          {
            name: "Live version",
            value: live ? (
              <Link class="whole" to={{ page: "update", version: live.version }}>
                {version(live.version)}
              </Link>
            ) : (
              "base"
            ),
            note: live ? ago(live.createdAt, now) : "the registered model",
          },
          {
            name: "Agreement",
            value: percent(seen && agreementOf(seen)),
            note: seen ? `with the teacher, ${ago(seen.at, now)}` : "the teacher has seen no uploads",
          },
          { name: "Entropy", value: decimal(last && entropyOf(last)), note: "nats, mean" },
          { name: "To be learnt from", value: count(loop?.untrained), note: `${count(loop?.trained)} learnt from` },
          { name: "Steps", value: count(loop?.step), note: loop?.holder ? `led by process ${version(loop.holder)}` : "led by no process" },
        ]}
      />
      <Section
        title="Course"
        note={sourceOf(measured?.points)}
        tools={
          <div class="choice" role="group" aria-label="Window of time">
            {WINDOWS.map((w, i) => (
              <button key={w.name} type="button" aria-pressed={i === chosen} onClick={() => choose(i)}>
                {w.name}
              </button>
            ))}
          </div>
        }
      >
        <ProblemBox problem={loaded.problem} retry={loaded.reload} />
        {measured && measured.points.length === 0 && (
          <Empty>
            <p>No device of this cohort uploaded anything in the last {window.name}.</p>
            <p>Choose a longer window, or look below whether its devices are online and what they report.</p>
          </Empty>
        )}
        {measured && measured.points.length > 0 && <Charts measured={measured} life={life} />}
      </Section>
    </>
  );
}

function sourceOf(series: ProxyPoint[] | undefined): string {
  return series?.some((p) => p.randomUploads > 0)
    ? "Proxies of accuracy from uploads drawn at random; lines mark updates: P published, X refused, R revoked."
    : "Proxies from uploads the devices chose themselves, which are the hard ones: read changes, not levels. Lines mark updates: P published, X refused, R revoked.";
}

function Charts({ measured, life }: { measured: Measured; life: Life }) {
  const times = measured.points.map((p) => Date.parse(p.at) / 1000);
  const marks = life.updates
    .map((u) => markOf(u, life.rollouts.get(u.version)))
    .filter((m) => m.at >= measured.from && m.at <= measured.until);
  const common = { times, marks, from: measured.from, until: measured.until };
  return (
    <div class="charts">
      <figure>
        <figcaption>Agreement with the teacher</figcaption>
        <Chart
          {...common}
          label="Agreement with the teacher over time"
          range={[0, 1]}
          format={(v) => percent(v, 0)}
          series={[{ name: "Agreement", color: 1, values: measured.points.map((p) => agreementOf(p) ?? null) }]}
        />
      </figure>
      <figure>
        <figcaption>Mean entropy of predictions, nats</figcaption>
        <Chart
          {...common}
          label="Mean entropy over time"
          format={(v) => v.toFixed(2)}
          series={[{ name: "Entropy", color: 2, values: measured.points.map(entropyOf) }]}
        />
      </figure>
      <figure>
        <figcaption>Uploads per step</figcaption>
        <Chart
          {...common}
          label="Uploads over time"
          height={120}
          format={(v) => count(v)}
          series={[{ name: "Uploads", color: 3, values: measured.points.map((p) => p.uploads), bars: true }]}
        />
      </figure>
    </div>
  );
}

function markOf(update: UpdateView, rollout: UpdateRolloutView | undefined): Mark {
  const at = Date.parse(update.createdAt) / 1000;
  if (rollout?.state === "REVOKED") {
    return { at, label: "R", tone: "bad" };
  }
  return update.verdict === "PUBLISHED" ? { at, label: "P", tone: "good" } : { at, label: "X", tone: "none" };
}

function Updates({ life, ask }: { life: Life; ask: ((deed: Deed) => void) | undefined }) {
  const [refused, setRefused] = useState(false);
  const now = useNow();
  const live = lastPublished(life)?.version;
  const rows = refused ? life.updates : life.updates.filter((u) => u.verdict === "PUBLISHED");
  return (
    <Section
      title="Updates"
      note={`${count(life.updates.filter((u) => u.verdict === "PUBLISHED").length)} of the newest ${count(life.updates.length)} were published`}
      tools={
        <label class="check">
          <input type="checkbox" checked={refused} onChange={(e) => setRefused(e.currentTarget.checked)} /> Show refused ones
        </label>
      }
    >
      {rows.length === 0 ? (
        <Empty>
          <p>Nothing was published yet: the devices run the model as it was registered.</p>
          <p>
            An update needs uploads to learn from and a gate that finds it better. {count(life.updates.length)} were judged so
            far.
          </p>
        </Empty>
      ) : (
        <Table
          caption={`Updates of ${life.cohort.id}`}
          rows={rows}
          id={(u) => u.version}
          mark={(u) => u.version === live}
          columns={[
            {
              name: "Version",
              cell: (u) => (
                <>
                  <Link to={{ page: "update", version: u.version }}>{version(u.version)}</Link>
                  {u.version === live && <span class="tag">live</span>}
                  {u.version === life.hold.pinnedVersion && <span class="tag">pinned</span>}
                </>
              ),
            },
            { name: "Judged", cell: (u) => <time title={clock(u.createdAt)}>{ago(u.createdAt, now)}</time> },
            { name: "Verdict", cell: (u) => <State of={life.rollouts.get(u.version)?.state ?? u.verdict} /> },
            { name: "Agreement", number: true, cell: (u) => percent(metric(u, "candidateAgreement")) },
            {
              name: "Gain",
              number: true,
              cell: (u) => points(difference(u, "candidateAgreement", "liveAgreement")),
            },
            { name: "Samples", number: true, cell: (u) => count(u.samples) },
            { name: "Why", wide: true, cell: (u) => life.rollouts.get(u.version)?.reason || u.reason },
            ...(ask
              ? [
                  {
                    name: "Do",
                    deeds: true,
                    cell: (u: UpdateView) =>
                      u.version === live || !isStable(u) ? null : (
                        <span class="row-buttons">
                          <button
                            type="button"
                            class="small-button"
                            aria-label={`Roll back to ${version(u.version)}`}
                            onClick={() => ask(rollbackDeed(life, u.version))}
                          >
                            Roll back
                          </button>
                          <button
                            type="button"
                            class="small-button"
                            aria-label={`Pin to ${version(u.version)}`}
                            onClick={() => ask(pinDeed(life, u.version))}
                          >
                            Pin
                          </button>
                        </span>
                      ),
                  },
                ]
              : []),
          ]}
        />
      )}
    </Section>
  );
}

function metric(update: UpdateView, name: string): number | undefined {
  const value = update.metrics[name];
  return typeof value === "number" ? value : undefined;
}

function difference(update: UpdateView, after: string, before: string): number | undefined {
  const a = metric(update, after);
  const b = metric(update, before);
  return a === undefined || b === undefined ? undefined : a - b;
}

function Devices({ devices, cohort }: { devices: Device[]; cohort: string }) {
  const now = useNow();
  return (
    <Section title="Devices" note={plural(devices.length, "device")}>
      {devices.length === 0 ? (
        <Empty>
          <p>No device is in this cohort.</p>
          <p>
            <code>ops/cema cohorts add COHORT DEVICE</code> names one; a selector brings those with its labels by itself.
          </p>
        </Empty>
      ) : (
        <Table
          caption="Devices of the cohort"
          rows={devices}
          id={(d) => d.id}
          columns={[
            { name: "Device", cell: (d) => <DeviceLink device={d} /> },
            { name: "Presence", cell: (d) => <State of={d.presence} /> },
            { name: "Problem", wide: true, cell: (d) => <Troubles of={d} /> },
            {
              name: "Runs",
              cell: (d) => {
                const own = slotOf(d, cohort)?.updateVersion;
                return own ? <Link to={{ page: "update", version: own }}>{version(own)}</Link> : version(own);
              },
            },
            { name: "Channel", cell: (d) => slotOf(d, cohort)?.channel || NONE },
            { name: "Entropy", number: true, cell: (d) => decimal(countersOf(d, cohort)?.meanEntropy) },
            { name: "Images", number: true, cell: (d) => count(countersOf(d, cohort)?.frames) },
            { name: "Uploaded", number: true, cell: (d) => count(telemetryNumber(d, "uploadedImages")) },
            { name: "Up", number: true, cell: (d) => bytes(telemetryNumber(d, "uploadedBytes")) },
            { name: "Heard", cell: (d) => ago(d.seenAt, now) },
          ]}
        />
      )}
    </Section>
  );
}
