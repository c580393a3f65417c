import assert from "node:assert/strict";
import { test } from "node:test";
import { ago, bytes, count, duration, percent, points, small, version } from "../src/format";

test("numbers carry their units", () => {
  assert.equal(bytes(999), "999\u202fB");
  assert.equal(bytes(2672), "2.67\u202fkB");
  assert.equal(bytes(999_999), "1.00\u202fMB");
  assert.equal(percent(0.8625), "86.3\u202f%");
  assert.equal(points(-0.031), "−3.1\u202fpt");
  assert.equal(points(0.0001), "±0.0\u202fpt");
  assert.equal(count(12345), "12\u202f345");
  assert.equal(small(0.0000123), "1.2e−5");
});

test("what is not known is a dash", () => {
  assert.equal(percent(undefined), "–");
  assert.equal(percent(0 / 0), "–");
  assert.equal(ago(undefined, 0), "–");
});

test("durations keep one unit", () => {
  assert.equal(duration(89), "89\u202fs");
  assert.equal(duration(5400), "2\u202fh");
  assert.equal(ago("2026-01-01T00:00:00Z", Date.parse("2026-01-01T00:02:00Z")), "2\u202fmin ago");
});

test("a version is named by its end, the registered model by its word", () => {
  assert.equal(version("01JQ8ZC3M5S7T9V1X3Z5A7C9E1"), "…A7C9E1");
  assert.equal(version(""), "base");
});
