import { get, getAll, type Page } from "../api/client";
import type {
  AdaptationView,
  AlarmView,
  Cohort,
  Device,
  ProxyPoint,
  QuarantineView,
  UpdateHold,
  UpdateRolloutView,
} from "../api/types";
import { Alarms } from "../components/alarms";
import { Spark } from "../components/chart";
import { useDeed } from "../components/confirm";
import { Empty, Facts, Heading, Section, Waiting } from "../components/layout";
import { ProblemBox } from "../components/problem";
import { Findings } from "../components/findings";
import { Shape } from "../components/status";
import { count, percent, plural, version } from "../format";
import { agreementOf, findings, isIn, slotOf, versions, type Finding } from "../health";
import { useLoaded } from "../hooks";
import { Link } from "../router";
import { session } from "../session";

const MOST_DEVICES = 5000;
const MOST_COHORTS = 200;
const MOST_ALARMS = 2000;
const MOST_CELLS = 240;
const WINDOW_MILLIS = 30 * 60_000;
const STEP_SECONDS = 60;

interface Fleet {
  cohorts: { cohort: Cohort; devices: Device[]; points: ProxyPoint[]; live: string[]; findings: Finding[] }[];
  loose: Device[];
  devices: Device[];
  alarms: AlarmView[];
  more: boolean;
}

async function load(signal: AbortSignal): Promise<Fleet> {
  const now = Date.now();
  const [cohorts, devices, rollouts, quarantined, alarms] = await Promise.all([
    getAll<Cohort>("cohorts", {}, MOST_COHORTS, signal),
    getAll<Device>("devices", { status: "ACTIVE" }, MOST_DEVICES, signal),
    get<Page<UpdateRolloutView>>("update-rollouts", { limit: 200 }, signal),
    get<Page<QuarantineView>>("quarantine", { state: "QUARANTINED", limit: 200 }, signal),
    getAll<AlarmView>("alarms", { state: "OPEN" }, MOST_ALARMS, signal),
  ]);
  const shown = await Promise.all(
    cohorts.items.map(async (cohort) => {
      const [loops, points, hold] = await Promise.all([
        get<AdaptationView[]>("loops", { cohort: cohort.id }, signal),
        get<ProxyPoint[]>(
          `cohorts/${cohort.id}/proxies`,
          { since: new Date(now - WINDOW_MILLIS).toISOString(), step: STEP_SECONDS },
          signal,
        ),
        get<UpdateHold>(`cohorts/${cohort.id}/pin`, undefined, signal),
      ]);
      const own = devices.items.filter((d) => isIn(d, cohort.id));
      const found = findings({
        devices: own,
        loops,
        points,
        rollouts: rollouts.items.filter((r) => r.cohort === cohort.id),
        quarantined: quarantined.items.filter((q) => q.cohort === cohort.id),
        alarms: alarms.items.filter((a) => a.cohort === cohort.id),
        hold,
        now,
      });
      const live = loops.map((l) => l.liveVersion).filter((v): v is string => !!v);
      return { cohort, devices: own, points, live, findings: found };
    }),
  );
  const rank = (f: Finding[]) => (f.some((x) => x.tone === "bad") ? 0 : f.some((x) => x.tone === "warn") ? 1 : 2);
  shown.sort((a, b) => rank(a.findings) - rank(b.findings) || a.cohort.id.localeCompare(b.cohort.id));
  return {
    cohorts: shown,
    loose: devices.items.filter((d) => !d.cohort),
    devices: devices.items,
    alarms: alarms.items,
    more: devices.more || cohorts.more,
  };
}

export function FleetPage() {
  const fleet = useLoaded(load, [], { on: () => true, everyMillis: 10_000 });
  const deeds = useDeed(fleet.reload);
  return (
    <>
      <Heading title="Fleet" />
      {deeds.dialog}
      <ProblemBox problem={fleet.problem} retry={fleet.reload} />
      {fleet.data ? <Shown fleet={fleet.data} /> : !fleet.problem && <Waiting />}
      {fleet.data && (
        <Alarms
          alarms={fleet.data.alarms.filter((a) => !a.cohort)}
          note="Of the platform; those of a cohort stand on its page."
          ask={session.may("operator") ? deeds.ask : undefined}
        />
      )}
    </>
  );
}

function Shown({ fleet }: { fleet: Fleet }) {
  const by = (presence: string) => fleet.devices.filter((d) => d.presence === presence).length;
  const troubled = fleet.cohorts.filter((c) => c.findings.some((f) => f.tone === "bad" || f.tone === "warn")).length;
  return (
    <>
      <Facts
        facts={[
          { name: "Devices", value: <Link to={{ page: "devices" }}>{count(fleet.devices.length)}</Link>, note: fleet.more ? "the first ones only" : "active" },
          { name: "Online", value: count(by("ONLINE")), note: percent(by("ONLINE") / fleet.devices.length) },
          { name: "Offline", value: count(by("OFFLINE")), note: "said goodbye or were cut off" },
          { name: "Unknown", value: count(by("UNKNOWN")), note: "silent, or never heard of" },
          {
            name: "Alarms",
            value: <Link to={{ page: "alarms" }}>{count(fleet.alarms.length)}</Link>,
            note: `${count(fleet.alarms.filter((a) => a.state === "RAISED").length)} looked after by nobody`,
          },
          { name: "Cohorts", value: count(fleet.cohorts.length), note: "adapted each by itself" },
          {
            name: "Wanting a look",
            value: count(troubled),
            note: troubled === 0 ? "all is well" : "first in the list below",
          },
        ]}
      />
      <Section title="Cohorts" note={<Legend />}>
        {fleet.cohorts.length === 0 ? (
          <Empty>
            <p>There is no cohort yet. A cohort is a group of cameras that see the same and learn together.</p>
            <p>
              <code>ops/cema pairs create …</code> registers an edge and a foundation model, and{" "}
              <code>ops/cema cohorts create NAME --pair PAIR</code> makes a cohort of them.
            </p>
          </Empty>
        ) : (
          <ul class="cards">
            {fleet.cohorts.map((c) => (
              <Card key={c.cohort.id} {...c} />
            ))}
          </ul>
        )}
      </Section>
      {fleet.loose.length > 0 && (
        <Section title="Without a cohort" note="They serve what they have and learn nothing.">
          <Cells devices={fleet.loose} live={[]} />
          <p class="muted small">
            <code>ops/cema devices label ID --set KEY=VALUE</code> brings a device to the cohort whose selector it matches.
          </p>
        </Section>
      )}
    </>
  );
}

const CELLS = [
  { looks: "ONLINE live", name: "live version" },
  { looks: "ONLINE", name: "another version" },
  { looks: "OFFLINE", name: "offline" },
  { looks: "UNKNOWN", name: "unknown" },
];

function Legend() {
  return (
    <span class="legend">
      {CELLS.map((cell) => (
        <span key={cell.name}>
          <i class={`cell ${cell.looks}`} aria-hidden="true" /> {cell.name}
        </span>
      ))}
    </span>
  );
}

function Card({ cohort, devices, points, live, findings: found }: Fleet["cohorts"][number]) {
  const agreements = points.map(agreementOf);
  const last = [...agreements].reverse().find((a) => a !== undefined);
  const online = devices.filter((d) => d.presence === "ONLINE").length;
  const uploads = points.reduce((sum, p) => sum + p.uploads, 0);
  return (
    <li class="card">
      <div class="card-head">
        <h3>
          <Link to={{ page: "cohort", id: cohort.id }}>{cohort.id}</Link>
        </h3>
        <span class="muted small">pair {cohort.pair}</span>
      </div>
      <div class="card-row">
        <div class="big">
          {percent(last)}
          <span class="muted small">agreement with the teacher</span>
        </div>
        <Spark values={agreements} label={`Agreement of ${cohort.id} over half an hour`} />
      </div>
      <Cells devices={devices} live={live} cohort={cohort.id} />
      <p class="small">
        {count(online)} of {plural(devices.length, "device")} online · {plural(uploads, "upload")} in 30 min
      </p>
      <Versions devices={devices} live={live} cohort={cohort.id} />
      <Findings found={found} />
    </li>
  );
}

function Cells({ devices, live, cohort }: { devices: Device[]; live: string[]; cohort?: string }) {
  const shown = devices.slice(0, MOST_CELLS);
  return (
    <div class="cells" aria-hidden="true">
      {shown.map((d) => {
        const own = slotOf(d, cohort)?.updateVersion;
        const isLive = own !== undefined && (live.length === 0 ? own === "" : live.includes(own));
        return (
          <i
            key={d.id}
            class={`cell ${d.presence}${isLive ? " live" : ""}`}
            title={`${d.id}: ${d.presence.toLowerCase()}, ${version(own)}`}
          />
        );
      })}
      {devices.length > shown.length && <span class="muted small">and {count(devices.length - shown.length)} more</span>}
    </div>
  );
}

function Versions({ devices, live, cohort }: { devices: Device[]; live: string[]; cohort: string }) {
  const by = versions(devices, cohort).slice(0, 4);
  if (by.length === 0) {
    return <p class="muted small">No device is in it yet.</p>;
  }
  return (
    <ul class="versions small">
      {by.map((v) => (
        <li key={v.version ?? "-"}>
          <Shape tone={v.version !== undefined && live.includes(v.version) ? "good" : "none"} />
          {v.version ? (
            <Link to={{ page: "update", version: v.version }}>{version(v.version)}</Link>
          ) : v.version === "" ? (
            "registered model"
          ) : (
            "not reported"
          )}
          <span class="muted">{count(v.devices)}</span>
        </li>
      ))}
    </ul>
  );
}
