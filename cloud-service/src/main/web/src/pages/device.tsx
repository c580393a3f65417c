import { useRef } from "preact/hooks";
import { call, get, ifThere, type Page } from "../api/client";
import type { AlarmView, Device, DeviceCommand, DeviceEventView, ModelView, QuarantineView } from "../api/types";
import { Alarms } from "../components/alarms";
import { useDeed, type Deed } from "../components/confirm";
import { Findings } from "../components/findings";
import { Empty, Facts, Heading, Section, Waiting, type Fact } from "../components/layout";
import { ProblemBox } from "../components/problem";
import { State, Status } from "../components/status";
import { Table } from "../components/table";
import { ago, bytes, clock, count, decimal, digest, duration, millis, NONE, percent, plural, version } from "../format";
import { countersOf, deviceFindings, quantile, ratesOf, slotOf, telemetryNumber, type Rates } from "../health";
import { useLoaded, useNow } from "../hooks";
import { Link } from "../router";
import { session } from "../session";
import { Labels } from "./devices";

const EVENTS = 50;
const COMMANDS = 20;

interface Life {
  device: Device;
  models: Map<string, string>;
  events: DeviceEventView[];
  commands: DeviceCommand[];
  alarms: AlarmView[];
  quarantine: QuarantineView | undefined;
  rates: Rates;
}

/** One device: what it runs, how it stands, what it did, and what it was told to do. */
export function DevicePage({ id }: { id: string }) {
  const before = useRef<Device | undefined>(undefined);
  const rates = useRef<Rates>({ since: "its start", of: new Map() });
  const loaded = useLoaded(
    async (signal): Promise<Life> => {
      const [device, events, commands, alarms, quarantine] = await Promise.all([
        get<Device>(`devices/${id}`, undefined, signal),
        get<Page<DeviceEventView>>("events", { device: id, limit: EVENTS }, signal),
        get<Page<DeviceCommand>>(`devices/${id}/commands`, { limit: COMMANDS }, signal),
        get<Page<AlarmView>>("alarms", { device: id, state: "OPEN", limit: 200 }, signal),
        ifThere<QuarantineView>(`quarantine/${id}`, signal),
      ]);
      const digests = [...new Set(device.slots.map((c) => slotOf(device, c)?.modelDigest))];
      const models = await Promise.all(
        digests.filter((d): d is string => !!d).map((d) => ifThere<ModelView>(`models/${d}`, signal)),
      );
      rates.current = ratesOf(device, before.current) ?? rates.current;
      before.current = device;
      return {
        device,
        models: new Map(models.filter((m) => m !== undefined).map((m) => [m.digest, m.name])),
        events: events.items,
        commands: commands.items,
        alarms: alarms.items,
        quarantine: quarantine?.state === "QUARANTINED" ? quarantine : undefined,
        rates: rates.current,
      };
    },
    [id],
    { on: (e) => `${e.subject}/`.startsWith(`devices/${id}/`) || e.type.startsWith("alarm."), everyMillis: 5000 },
  );
  const deeds = useDeed(loaded.reload);
  const data = loaded.data;
  const operator = session.may("operator");
  return (
    <>
      <Heading title={data?.device.displayName || id} kind={data?.device.displayName ? `Device ${id}` : "Device"}>
        {data && operator && data.device.status === "ACTIVE" && <Buttons life={data} ask={deeds.ask} />}
      </Heading>
      {deeds.dialog}
      <ProblemBox problem={loaded.problem} retry={loaded.reload} />
      {!data && !loaded.problem && <Waiting />}
      {data && (
        <>
          <Standing life={data} />
          <Alarms
            alarms={data.alarms}
            note="Of this device. They clear by themselves once it is well again."
            ask={operator ? deeds.ask : undefined}
          />
          <Slots life={data} ask={operator ? deeds.ask : undefined} />
          <Uplink device={data.device} />
          <Events events={data.events} />
          <Commands commands={data.commands} />
        </>
      )}
    </>
  );
}

function command(id: string, name: string, args: Record<string, string> = {}): () => Promise<unknown> {
  return () => call("POST", `devices/${id}/commands`, { body: { name, arguments: args } });
}

function Buttons({ life, ask }: { life: Life; ask: (deed: Deed) => void }) {
  const id = life.device.id;
  const apart = life.quarantine;
  return (
    <>
      {apart && (
        <button
          type="button"
          onClick={() =>
            ask({
              title: `Let ${id} back into ${apart.cohort}?`,
              body: (
                <p>
                  Its uploads are learnt from again, the {plural(apart.samples, "sample")} that waited as well. It is compared anew on
                  what it sends from now on.
                </p>
              ),
              button: "Let it back",
              run: () => call("POST", `quarantine/${id}/release`),
              done: `${id} is back in ${apart.cohort}.`,
            })
          }
        >
          Let back
        </button>
      )}
      <button
        type="button"
        onClick={() =>
          ask({
            title: `Ping ${id}?`,
            body: <p>It answers if its agent is alive and hears the broker. The answer stands below, under Commands.</p>,
            button: "Ping",
            run: command(id, "ping"),
            done: "The ping is on its way.",
          })
        }
      >
        Ping
      </button>
      <button
        type="button"
        onClick={() =>
          ask({
            title: `Have ${id} load its models anew?`,
            body: <p>It serves on meanwhile. This helps where a model did not load and the reason is gone.</p>,
            button: "Reload",
            run: command(id, "reload"),
            done: "The command is on its way.",
          })
        }
      >
        Reload
      </button>
    </>
  );
}

function Standing({ life }: { life: Life }) {
  const { device } = life;
  const now = useNow();
  const uptime = telemetryNumber(device, "uptimeMillis");
  const disk = device.telemetry?.["disk"] as { freeBytes: number; failedWrites: number; damagedFiles: number } | undefined;
  const power = device.telemetry?.["power"] as { watts?: number; celsius?: number; hottestZone?: string } | undefined;
  const ahead = telemetryNumber(device, "clockAheadMillis");
  const facts: Fact[] = [
    { name: "Presence", value: <State of={device.presence} />, note: device.seenAt ? `heard ${ago(device.seenAt, now)}` : "never heard of" },
    {
      name: "Cohort",
      value: device.cohort ? <Link to={{ page: "cohort", id: device.cohort }}>{device.cohort}</Link> : NONE,
      note: device.placedBy === "SELECTOR" ? "by its labels" : device.placedBy === "LIST" ? "named by the cohort" : "it learns nothing",
    },
    {
      name: "Software",
      value: <span class="words">{String(device.reported?.["agentVersion"] ?? NONE)}</span>,
      note: uptime === undefined ? undefined : `up for ${duration(uptime / 1000)}`,
    },
    {
      name: "Images a second",
      value: decimal(life.rates.of.get(""), 1),
      note: life.rates.of.has("") ? `since ${life.rates.since}` : undefined,
    },
    {
      name: "Disk",
      value: disk ? bytes(disk.freeBytes) : NONE,
      note: disk
        ? disk.failedWrites + disk.damagedFiles === 0
          ? "free"
          : `free; ${count(disk.failedWrites)} failed writes, ${count(disk.damagedFiles)} damaged files`
        : "its agent does not say",
    },
    {
      name: "Clock",
      value: ahead === undefined ? NONE : Math.abs(ahead) < 5000 ? "right" : duration(Math.abs(ahead) / 1000),
      note: ahead === undefined ? "its agent does not say" : Math.abs(ahead) < 5000 ? "to 5 s" : ahead < 0 ? "behind" : "ahead",
    },
    ...(power?.watts === undefined && power?.celsius === undefined
      ? []
      : [
          {
            name: "Power",
            value: power.watts === undefined ? NONE : `${decimal(power.watts, 1)}\u202fW`,
            note: power.celsius === undefined ? undefined : `${decimal(power.celsius, 0)}\u202f°C at ${power.hottestZone}`,
          },
        ]),
  ];
  return (
    <>
      <Findings found={deviceFindings(device, life.quarantine, life.alarms)} strip />
      <Facts facts={facts} />
      <div class="labelled">
        <span class="muted">Labels</span> <Labels of={device} />
      </div>
      {device.description && <p class="reason">{device.description}</p>}
    </>
  );
}

/** What an agent says it runs on, and in brackets behind it why on nothing faster. */
function engineOf(told: string | undefined): { name: string; why: string | undefined } {
  const bracket = told?.indexOf(" (") ?? -1;
  return bracket < 0
    ? { name: told || "an engine not named", why: undefined }
    : { name: told!.slice(0, bracket), why: told!.slice(bracket + 2).replace(/\)$/, "") };
}

function Slots({ life, ask }: { life: Life; ask: ((deed: Deed) => void) | undefined }) {
  const { device } = life;
  const slot = (cohort: string) => slotOf(device, cohort);
  const counters = (cohort: string) => countersOf(device, cohort);
  return (
    <Section title="Slots" note="A model each, adapted in a cohort of its own.">
      {device.slots.length === 0 ? (
        <Empty>
          <p>It has no model: it is in no cohort.</p>
          <p>
            <code>ops/cema cohorts add COHORT {device.id}</code>, or labels that a cohort’s selector matches, give it one.
          </p>
        </Empty>
      ) : (
        <Table
          caption="Slots of the device"
          rows={device.slots}
          id={(cohort) => cohort}
          columns={[
            { name: "Cohort", cell: (c) => <Link to={{ page: "cohort", id: c }}>{c}</Link> },
            {
              name: "Model",
              wide: true,
              cell: (c) => {
                const digestOf = slot(c)?.modelDigest;
                return digestOf ? (
                  <span title={digestOf}>
                    {life.models.get(digestOf) ?? digest(digestOf)}{" "}
                    <span class="muted small" title={slot(c)?.engine}>
                      on {engineOf(slot(c)?.engine).name}
                    </span>
                  </span>
                ) : (
                  <span class="muted">not reported</span>
                );
              },
            },
            {
              name: "Runs",
              cell: (c) => {
                const own = slot(c);
                return own?.updateVersion ? (
                  <>
                    <Link to={{ page: "update", version: own.updateVersion }}>{version(own.updateVersion)}</Link>{" "}
                    <span class="muted">
                      {own.epoch}.{own.revision}
                    </span>
                  </>
                ) : (
                  version(own?.updateVersion)
                );
              },
            },
            { name: "Channel", cell: (c) => slot(c)?.channel || NONE },
            { name: "Entropy", number: true, cell: (c) => decimal(counters(c)?.meanEntropy) },
            { name: "Images / s", number: true, cell: (c) => decimal(life.rates.of.get(c), 1) },
            { name: "Images", number: true, cell: (c) => count(counters(c)?.frames) },
            {
              name: "Slowest 5 %",
              number: true,
              cell: (c) => millis(quantile(counters(c)?.latencyMillis, 0.95)),
            },
            {
              name: "Updates",
              number: true,
              cell: (c) =>
                counters(c)?.updatesRefused
                  ? `${count(counters(c)?.updatesApplied)}, ${count(counters(c)?.updatesRefused)} refused`
                  : count(counters(c)?.updatesApplied),
            },
            ...(ask
              ? [
                  {
                    name: "Do",
                    deeds: true,
                    cell: (c: string) =>
                      slot(c)?.updateVersion ? (
                        <button
                          type="button"
                          class="small-button"
                          aria-label={`Take back the update of ${c} on this device`}
                          onClick={() => ask(takeBack(device.id, c, slot(c)!.updateVersion))}
                        >
                          Take back
                        </button>
                      ) : null,
                  },
                ]
              : []),
          ]}
        />
      )}
      {[...new Set(device.slots.map((c) => engineOf(slot(c)?.engine).why).filter(Boolean))].map((why) => (
        <p key={why} class="muted small">
          {why}
        </p>
      ))}
    </Section>
  );
}

function takeBack(id: string, cohort: string, own: string): Deed {
  return {
    title: `Take ${version(own)} back on ${id} alone?`,
    body: (
      <>
        <p>The device goes to the update before it. The others of {cohort} keep theirs, and the next update reaches this one too.</p>
        <p class="muted">To roll back the whole cohort, go to its page.</p>
      </>
    ),
    button: "Take back",
    dangerous: true,
    run: command(id, "roll-back", { slot: cohort }),
    done: "The command is on its way; its answer stands below, under Commands.",
  };
}

const HOLDS: Record<string, string> = {
  NONE: "nothing",
  ADAPTATION_OFF: "the cohort is not adapted",
  UPLOAD_POLICY: "images may not leave it",
  QUIET_HOURS: "quiet hours",
  METERED: "the link is metered",
  OFFLINE: "it has no connection",
  BUDGET: "its byte budget is used up",
  UNACKNOWLEDGED: "it waits for the cloud’s word",
};

function Uplink({ device }: { device: Device }) {
  if (!device.telemetry) {
    return null;
  }
  const number = (name: string) => telemetryNumber(device, name);
  const hold = device.telemetry["uplinkHold"];
  const frames = number("frames");
  return (
    <Section title="Way up" note="Counted since the agent’s start.">
      <Facts
        facts={[
          {
            name: "Uploaded",
            value: count(number("uploadedImages")),
            note: frames ? `${percent((number("uploadedImages") ?? 0) / frames)} of its images` : undefined,
          },
          { name: "Sent", value: bytes(number("uploadedBytes")), note: `${bytes(number("uploadedLastHour"))} in the last hour` },
          { name: "Received", value: bytes(number("downloadedBytes")), note: "updates" },
          { name: "Waiting", value: count(number("spoolImages")), note: `${bytes(number("spoolBytes"))} on its disk` },
          { name: "Dropped", value: count(number("droppedImages")), note: "from a full spool, or over the budget" },
          {
            name: "Held up by",
            value: <span class="words">{hold === undefined ? NONE : (HOLDS[String(hold)] ?? String(hold).toLowerCase())}</span>,
          },
        ]}
      />
    </Section>
  );
}

function Events({ events }: { events: DeviceEventView[] }) {
  return (
    <Section title="Events" note={events.length === EVENTS ? `The newest ${EVENTS}.` : "What it did with models and updates."}>
      {events.length === 0 ? (
        <Empty>
          <p>It has told of none.</p>
        </Empty>
      ) : (
        <Table
          caption="Events of the device"
          rows={events}
          id={(e) => String(e.id)}
          columns={[
            { name: "When", cell: (e) => <time dateTime={e.receivedAt}>{clock(e.receivedAt)}</time> },
            { name: "What", cell: (e) => <State of={e.type} /> },
            { name: "Of", cell: (e) => e.subject },
            {
              name: "Version",
              cell: (e) =>
                e.subject !== "update" || e.version === "" ? (
                  <span class="muted">{e.version || digest(e.modelDigest)}</span>
                ) : (
                  <>
                    <Link to={{ page: "update", version: e.version }}>{version(e.version)}</Link>{" "}
                    <span class="muted">
                      {e.epoch}.{e.revision}
                    </span>
                  </>
                ),
            },
            { name: "Took", number: true, cell: (e) => (e.durationMillis > 0 ? millis(e.durationMillis) : NONE) },
            { name: "Why", wide: true, cell: (e) => e.reason },
          ]}
        />
      )}
    </Section>
  );
}

function Commands({ commands }: { commands: DeviceCommand[] }) {
  if (commands.length === 0) {
    return null;
  }
  return (
    <Section title="Commands" note="Newest first.">
      <Table
        caption="Commands to the device"
        rows={commands}
        id={(c) => c.id}
        columns={[
          { name: "Given", cell: (c) => <time dateTime={c.createdAt}>{clock(c.createdAt)}</time> },
          { name: "Command", cell: (c) => <code>{[c.name, ...Object.values(c.arguments).map(String)].join(" ")}</code> },
          {
            name: "State",
            cell: (c) => (c.state === "REFUSED" ? <Status tone="warn">refused</Status> : <State of={c.state} />),
          },
          { name: "Answer", wide: true, cell: (c) => c.message },
        ]}
      />
    </Section>
  );
}
