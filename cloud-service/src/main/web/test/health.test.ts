import assert from "node:assert/strict";
import { test } from "node:test";
import type { AdaptationView, AlarmView, Device, ProxyPoint } from "../src/api/types";
import {
  agreementFall,
  countersOf,
  deviceFindings,
  findings,
  isIn,
  quantile,
  ratesOf,
  troubles,
  versions,
} from "../src/health";

function point(uploads: number, agreement: number | undefined, randomAgreement?: number): ProxyPoint {
  const randomUploads = randomAgreement === undefined ? 0 : uploads;
  return { at: "", uploads, randomUploads, bytes: 0, entropy: 0, agreement, randomAgreement };
}

function device(presence: string, updateVersion?: string): Device {
  const reported = updateVersion === undefined ? undefined : { slots: [{ updateVersion }] };
  return {
    id: "",
    displayName: "",
    description: "",
    labels: {},
    slots: [],
    status: "ACTIVE",
    presence,
    reported,
    createdAt: "",
  };
}

const QUIET = { devices: [], loops: [], points: [], rollouts: [], quarantined: [], alarms: [], now: 0 };

test("a fall of the agreement shows against the best in the window", () => {
  assert.deepEqual(agreementFall([point(50, 0.9), point(50, 0.7)]), { now: 0.7, best: 0.9 });
  assert.equal(agreementFall([point(50, 0.9), point(50, 0.85)]), undefined);
});

test("steps with few uploads prove nothing", () => {
  assert.equal(agreementFall([point(50, 0.9), point(3, 0.1)]), undefined);
});

test("uploads drawn at random count before those that were chosen", () => {
  assert.equal(agreementFall([point(50, 0.9, 0.9), point(50, 0.2, 0.88)]), undefined);
});

test("a few uploads drawn at random prove nothing, however many were chosen", () => {
  const few = { ...point(50, 0.9, 0.3), randomUploads: 3 };
  assert.equal(agreementFall([point(50, 0.9, 0.9), few]), undefined);
});

test("a loop's problem comes first and is bad", () => {
  const loop = { problem: "no teacher" } as AdaptationView;
  const found = findings({ ...QUIET, devices: [device("OFFLINE")], loops: [loop] });
  assert.equal(found[0]?.tone, "bad");
  assert.match(found[0]?.text ?? "", /no teacher/);
  assert.match(found[1]?.text ?? "", /1 device not online/);
});

function drift(signal: string, device?: string, state = "RAISED"): AlarmView {
  return { id: "", type: "DRIFT", signal, subject: "", cohort: "yard", device, severity: "WARNING", state, message: "", raisedAt: "" };
}

test("drift of many devices is one line for each signal", () => {
  const alarms = [drift("ENTROPY", "a"), drift("ENTROPY", "b"), drift("CLASSES", "a"), drift("CLASSES")];
  assert.deepEqual(findings({ ...QUIET, alarms }), [
    { tone: "warn", text: "drift of 2 devices: entropy" },
    { tone: "warn", text: "drift of the cohort: classes" },
  ]);
});

test("drift that somebody looks after is no warning any more", () => {
  assert.equal(findings({ ...QUIET, alarms: [drift("ENTROPY", "a", "ACKNOWLEDGED")] })[0]?.tone, "info");
});

test("a cohort where all is well has no findings", () => {
  assert.deepEqual(findings({ ...QUIET, devices: [device("ONLINE")] }), []);
});

test("versions are counted, the unknown apart from the registered model", () => {
  assert.deepEqual(versions([device("ONLINE", "a"), device("ONLINE", "a"), device("ONLINE", ""), device("UNKNOWN")]), [
    { version: "a", devices: 2 },
    { version: "", devices: 1 },
    { version: undefined, devices: 1 },
  ]);
});


test("of a device with several slots counts the one of the cohort", () => {
  const slots = [
    { cohort: "yard", updateVersion: "a" },
    { cohort: "gate", updateVersion: "b" },
  ];
  const both = { ...device("ONLINE"), cohort: "yard", slots: ["yard", "gate"], reported: { slots } };
  assert.deepEqual(versions([both], "gate"), [{ version: "b", devices: 1 }]);
  assert.deepEqual(versions([both], "elsewhere"), [{ version: undefined, devices: 1 }]);
  assert.equal(isIn(both, "gate"), true);
  assert.equal(isIn(both, "elsewhere"), false);
});

function counting(startId: string, uptimeMillis: number, yard: number, gate: number): Device {
  const telemetry = {
    startId,
    uptimeMillis,
    frames: yard + gate,
    meanEntropy: 0.5,
    slots: [
      { cohort: "yard", frames: yard, meanEntropy: 0.2 },
      { cohort: "gate", frames: gate, meanEntropy: 0.9 },
    ],
  };
  return { ...device("ONLINE"), slots: ["yard", "gate"], telemetry };
}

test("of a device with several slots each has its own entropy", () => {
  const both = counting("a", 1000, 10, 20);
  assert.equal(countersOf(both, "yard")?.meanEntropy, 0.2);
  assert.equal(countersOf(both, "gate")?.meanEntropy, 0.9);
  assert.equal(countersOf(both, "elsewhere"), undefined);
});

test("an agent that does not count by slot has one entropy", () => {
  const old = { ...device("ONLINE"), telemetry: { meanEntropy: 0.5 } };
  assert.equal(countersOf(old, "yard")?.meanEntropy, 0.5);
  assert.equal(countersOf(device("ONLINE"), "yard"), undefined);
});

test("images a second are those between two messages, and since the start before there are two", () => {
  const first = ratesOf(counting("a", 10_000, 100, 50), undefined);
  assert.deepEqual([first?.since, first?.of.get("yard"), first?.of.get("gate")], ["its start", 10, 5]);
  const then = ratesOf(counting("a", 12_000, 150, 50), counting("a", 10_000, 100, 50));
  assert.deepEqual([then?.since, then?.of.get(""), then?.of.get("yard"), then?.of.get("gate")], ["its last message", 25, 25, 0]);
});

test("a restarted agent counts anew, and the same message twice tells nothing", () => {
  const restarted = ratesOf(counting("b", 1000, 30, 0), counting("a", 10_000, 100, 50));
  assert.equal(restarted?.of.get("yard"), 30);
  const same = counting("a", 10_000, 100, 50);
  assert.equal(ratesOf(same, same), undefined);
});

test("a quantile is the bound of the bucket that it falls into", () => {
  const latency = { bounds: [1, 5, 20], counts: [50, 44, 5, 1] };
  assert.equal(quantile(latency, 0.5), 1);
  assert.equal(quantile(latency, 0.95), 20);
  assert.equal(quantile(latency, 1), Infinity);
  assert.equal(quantile({ bounds: [1], counts: [0, 0] }, 0.5), undefined);
});

test("disk, clock and what the agent reports are a device's troubles", () => {
  const bad = {
    ...device("ONLINE"),
    reported: { problem: "no such model" },
    telemetry: { clockAheadMillis: -3 * 3600_000, disk: { problem: "it is full" } },
  };
  assert.deepEqual(troubles(bad), ["no such model", "it is full", "its clock is 3\u202fh behind"]);
  assert.deepEqual(troubles({ ...device("ONLINE"), telemetry: { clockAheadMillis: 900, disk: { problem: "" } } }), []);
});

test("a device that is away comes before its alarms", () => {
  const found = deviceFindings(device("OFFLINE"), undefined, [drift("ENTROPY", "a")]);
  assert.deepEqual(found.map((f) => f.tone), ["bad", "warn"]);
  assert.equal(found[1]?.text, "drift: entropy");
});
