import assert from "node:assert/strict";
import { test } from "node:test";
import type { AdaptationView, AlarmView, Device, ProxyPoint } from "../src/api/types";
import { agreementFall, findings, versions, isIn } from "../src/health";

function point(uploads: number, agreement: number | undefined, randomAgreement?: number): ProxyPoint {
  const randomUploads = randomAgreement === undefined ? 0 : uploads;
  return { at: "", uploads, randomUploads, bytes: 0, entropy: 0, agreement, randomAgreement };
}

function device(presence: string, updateVersion?: string): Device {
  const reported = updateVersion === undefined ? undefined : { slots: [{ updateVersion }] };
  return { id: "", displayName: "", labels: {}, slots: [], status: "ACTIVE", presence, reported };
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
