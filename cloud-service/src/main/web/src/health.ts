import type {
  AdaptationView,
  AlarmView,
  Device,
  ProxyPoint,
  QuarantineView,
  UpdateHold,
  UpdateRolloutView,
} from "./api/types";
import { percent, plural } from "./format";
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
  return alarm.state === "ACKNOWLEDGED" ? "info" : alarm.severity === "CRITICAL" ? "bad" : "warn";
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
  const troubled = facts.devices.filter((d) => reportedProblem(d) !== "").length;
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

interface Slot {
  cohort: string;
  modelDigest: string;
  updateVersion: string;
  channel: string;
  engine: string;
}

/** What the device said it runs, of a cohort or in its first slot; undefined before it said anything of it. */
export function slotOf(device: Device, cohort?: string): Slot | undefined {
  const slots = device.reported?.["slots"];
  const all = Array.isArray(slots) ? (slots as Slot[]) : [];
  return cohort === undefined ? all[0] : all.find((slot) => slot.cohort === cohort);
}

export function reportedProblem(device: Device): string {
  return String(device.reported?.["problem"] ?? "");
}

export function telemetryNumber(device: Device, name: string): number | undefined {
  const value = device.telemetry?.[name];
  return typeof value === "number" ? value : undefined;
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
