import type {
  AdaptationView,
  AlarmView,
  Device,
  ProxyPoint,
  QuarantineView,
  UpdateHold,
  UpdateRolloutView,
} from "./api/types";
import { duration, percent, plural } from "./format";
import type { Tone } from "./components/status";

/** One thing about a cohort that an operator should know. */
export interface Finding {
  tone: Tone;
  text: string;
}

/** Points, in shares of 1, that the agreement must fall below its best in the window to be shown as worse. */
export const WORSE = 0.1;
const FEWEST_UPLOADS = 10;
const RECENT_MILLIS = 3600_000;

export interface Facts {
  devices: Device[];
  loops: AdaptationView[];
  points: ProxyPoint[];
  rollouts: UpdateRolloutView[];
  quarantined: QuarantineView[];
  /** Open ones of the cohort. */
  alarms: AlarmView[];
  hold?: UpdateHold;
  now: number;
}

/** What the page itself sees of, in its own words. */
const SEEN_OTHERWISE = ["DEVICES_AWAY", "UPDATE_REVOKED", "DEVICE_QUARANTINED"];

/** Of one that somebody looks after less is made. */
export function alarmTone(alarm: AlarmView): Tone {
  if (alarm.state === "CLEARED") {
    return "none";
  }
  return alarm.state === "ACKNOWLEDGED" ? "info" : alarm.severity === "CRITICAL" ? "bad" : "warn";
}

const ALARMS: Record<string, string> = {
  DRIFT: "drift",
  DEVICES_AWAY: "devices away",
  UPDATE_REVOKED: "update revoked",
  UPDATES_REFUSED: "updates refused",
  ROLLOUT_STOPPED: "rollout stopped",
  DEVICE_QUARANTINED: "device set apart",
  WEBHOOK_FAILING: "webhook fails",
};

export function alarmName(alarm: AlarmView): string {
  const name = ALARMS[alarm.type] ?? alarm.type.toLowerCase().replace(/_/g, " ");
  return alarm.signal ? `${name}: ${alarm.signal.toLowerCase()}` : name;
}

/** Drift of many devices in a line for each signal, other alarms one by one. */
function alarming(alarms: AlarmView[]): Finding[] {
  const found: Finding[] = [];
  for (const signal of ["ENTROPY", "CLASSES", "STATISTICS"]) {
    const drifting = alarms.filter((a) => a.type === "DRIFT" && a.signal === signal);
    const devices = drifting.filter((a) => a.device);
    const worst = drifting.find((a) => a.state === "RAISED") ?? drifting[0];
    if (worst) {
      const who = devices.length < drifting.length ? "the cohort" : plural(devices.length, "device");
      found.push({ tone: alarmTone(worst), text: `drift of ${who}: ${signal.toLowerCase()}` });
    }
  }
  for (const alarm of alarms) {
    if (alarm.type !== "DRIFT" && !SEEN_OTHERWISE.includes(alarm.type)) {
      found.push({ tone: alarmTone(alarm), text: alarm.message });
    }
  }
  return found;
}

/**
 * What stands out, worst first. Drift is an alarm with a stated rate of false ones; what the page computes itself, such as a fall
 * of the agreement, is a look without any.
 */
export function findings(facts: Facts): Finding[] {
  const found: Finding[] = [];
  for (const loop of facts.loops) {
    if (loop.problem) {
      found.push({ tone: "bad", text: `adaptation: ${loop.problem}` });
    }
  }
  const fall = agreementFall(facts.points);
  if (fall) {
    found.push({
      tone: "bad",
      text: `agreement with the teacher is ${percent(fall.now)}, was ${percent(fall.best)}`,
    });
  }
  const alarms = alarming(facts.alarms);
  found.push(...alarms.filter((a) => a.tone === "bad"), ...alarms.filter((a) => a.tone === "warn"));
  if (facts.quarantined.length > 0) {
    found.push({ tone: "warn", text: `${plural(facts.quarantined.length, "device")} set apart` });
  }
  const away = facts.devices.filter((d) => d.presence !== "ONLINE").length;
  if (away > 0) {
    found.push({ tone: "warn", text: `${plural(away, "device")} not online` });
  }
  const troubled = facts.devices.filter((d) => troubles(d).length > 0).length;
  if (troubled > 0) {
    found.push({ tone: "warn", text: `${plural(troubled, "device")} reporting a problem` });
  }
  const revoked = facts.rollouts.filter(
    (r) => r.state === "REVOKED" && facts.now - Date.parse(r.decidedAt ?? r.startedAt) < RECENT_MILLIS,
  ).length;
  if (revoked > 0) {
    found.push({ tone: "warn", text: `${plural(revoked, "update")} revoked in the last hour` });
  }
  found.push(...alarms.filter((a) => a.tone === "info"));
  if (facts.rollouts.some((r) => r.state === "CANARY")) {
    found.push({ tone: "info", text: "an update is being judged by canaries" });
  }
  if (facts.hold?.pinnedVersion) {
    found.push({ tone: "info", text: "pinned" });
  }
  if (facts.hold?.frozen) {
    found.push({ tone: "info", text: "frozen" });
  }
  return found;
}

/** Of uploads drawn at random where there are any, else of all. */
export function agreementOf(point: ProxyPoint): number | undefined {
  return point.randomAgreement ?? point.agreement;
}

export function entropyOf(point: ProxyPoint): number {
  return point.randomEntropy ?? point.entropy;
}

/** The last step with enough uploads against the best one, if it fell by {@link WORSE} or more. */
export function agreementFall(series: ProxyPoint[]): { now: number; best: number } | undefined {
  const known = series
    .filter((p) => (p.randomAgreement == null ? p.uploads : p.randomUploads) >= FEWEST_UPLOADS)
    .map(agreementOf)
    .filter((a): a is number => a !== undefined);
  const now = known[known.length - 1];
  if (now === undefined) {
    return undefined;
  }
  const best = Math.max(...known);
  return best - now >= WORSE ? { now, best } : undefined;
}

/** What a device said of one model. */
export interface Slot {
  modelDigest: string;
  cohort: string;
  channel: string;
  updateVersion: string;
  epoch: number;
  revision: number;
  engine: string;
}

/** What it counted for one model since its agent started. */
export interface SlotCounters {
  cohort: string;
  frames: number;
  updatesApplied: number;
  updatesRefused: number;
  meanEntropy: number;
  latencyMillis: { bounds: number[]; counts: number[] };
}

export function slotsOf(device: Device): Slot[] {
  const slots = device.reported?.["slots"];
  return Array.isArray(slots) ? (slots as Slot[]) : [];
}

/** What the device said it runs, of a cohort or in its first slot; undefined before it said anything of it. */
export function slotOf(device: Device, cohort?: string): Slot | undefined {
  const all = slotsOf(device);
  return cohort === undefined ? all[0] : all.find((slot) => slot.cohort === cohort);
}

/** Of a cohort's slot; of the whole device where its agent does not count by slot. */
export function countersOf(device: Device, cohort: string): SlotCounters | undefined {
  const slots = device.telemetry?.["slots"];
  const found = Array.isArray(slots) ? (slots as SlotCounters[]).find((slot) => slot.cohort === cohort) : undefined;
  return found ?? (Array.isArray(slots) ? undefined : (device.telemetry as unknown as SlotCounters | undefined));
}

export function reportedProblem(device: Device): string {
  return String(device.reported?.["problem"] ?? "");
}

/** Beyond it, ages, quiet hours and certificates go wrong. */
const CLOCK_OFF_MILLIS = 60_000;

/** How far the device's clock is from the service's, if it is too far. */
export function clockOff(device: Device): number | undefined {
  const ahead = telemetryNumber(device, "clockAheadMillis");
  return ahead !== undefined && Math.abs(ahead) > CLOCK_OFF_MILLIS ? ahead : undefined;
}

export function diskProblem(device: Device): string {
  const disk = device.telemetry?.["disk"] as { problem?: string } | undefined;
  return disk?.problem ?? "";
}

/** All that the device says is wrong with it. */
export function troubles(device: Device): string[] {
  const off = clockOff(device);
  return [
    reportedProblem(device),
    diskProblem(device),
    off === undefined ? "" : `its clock is ${duration(Math.abs(off) / 1000)} ${off < 0 ? "behind" : "ahead"}`,
  ].filter((trouble) => trouble !== "");
}

/** The value below which a share of what was counted lies, as the bound of its bucket; Infinity in the open one. */
export function quantile(histogram: { bounds: number[]; counts: number[] } | undefined, share: number): number | undefined {
  const total = histogram?.counts.reduce((sum, n) => sum + n, 0) ?? 0;
  if (!histogram || total === 0) {
    return undefined;
  }
  let below = 0;
  const bucket = histogram.counts.findIndex((n) => (below += n) >= share * total);
  return histogram.bounds[bucket] ?? Infinity;
}

export function telemetryNumber(device: Device, name: string): number | undefined {
  const value = device.telemetry?.[name];
  return typeof value === "number" ? value : undefined;
}

/** Images a second: of the device under "", of its slots under their cohorts. */
export interface Rates {
  since: string;
  of: Map<string, number>;
}

/** Between two states of the same device; undefined if nothing new came between them. Without one before since the agent's start. */
export function ratesOf(device: Device, before: Device | undefined): Rates | undefined {
  const restarted = before?.telemetry?.["startId"] !== device.telemetry?.["startId"];
  const from = restarted ? undefined : before;
  const millis = (telemetryNumber(device, "uptimeMillis") ?? 0) - ((from && telemetryNumber(from, "uptimeMillis")) ?? 0);
  if (millis <= 0) {
    return undefined;
  }
  const of = new Map<string, number>();
  const put = (key: string, now: number | undefined, then: number | undefined) => {
    if (now !== undefined) {
      of.set(key, ((now - (then ?? 0)) * 1000) / millis);
    }
  };
  put("", telemetryNumber(device, "frames"), from && telemetryNumber(from, "frames"));
  for (const cohort of device.slots) {
    put(cohort, countersOf(device, cohort)?.frames, from && countersOf(from, cohort)?.frames);
  }
  return { since: from ? "its last message" : "its start", of };
}

/** What stands out of one device, worst first. */
export function deviceFindings(device: Device, quarantine: QuarantineView | undefined, alarms: AlarmView[]): Finding[] {
  const found: Finding[] = [];
  if (device.status !== "ACTIVE") {
    found.push({ tone: "none", text: "decommissioned: what it says does not count" });
  } else if (device.presence !== "ONLINE") {
    found.push({
      tone: "bad",
      text: device.presence === "OFFLINE" ? "it said goodbye or was cut off" : "it is silent, or was never heard of",
    });
  }
  found.push(...troubles(device).map((text): Finding => ({ tone: "bad", text })));
  found.push(...alarms.map((a): Finding => ({ tone: alarmTone(a), text: alarmName(a) })));
  if (quarantine) {
    found.push({ tone: "warn", text: `set apart in ${quarantine.cohort}: its uploads are kept, not learnt from` });
  }
  return found;
}

/** Whether a device has a slot of that cohort. */
export function isIn(device: Device, cohort: string): boolean {
  return device.cohort === cohort || device.slots.includes(cohort);
}

/** How many devices run which version of a cohort, or in their first slot; most first. */
export function versions(devices: Device[], cohort?: string): { version: string | undefined; devices: number }[] {
  const counts = new Map<string | undefined, number>();
  for (const device of devices) {
    const version = slotOf(device, cohort)?.updateVersion;
    counts.set(version, (counts.get(version) ?? 0) + 1);
  }
  return [...counts].map(([version, n]) => ({ version, devices: n })).sort((a, b) => b.devices - a.devices);
}
