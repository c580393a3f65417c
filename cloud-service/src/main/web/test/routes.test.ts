import assert from "node:assert/strict";
import { test } from "node:test";
import { pathOf, routeOf, type Route } from "../src/routes";

test("every place has a path that leads back to it", () => {
  const routes: Route[] = [
    { page: "fleet" },
    { page: "cohort", id: "fog-east" },
    { page: "samples", cohort: "fog-east" },
    { page: "update", version: "01JQ8ZC3M5S7T9V1X3Z5A7C9E1" },
    { page: "alarms" },
    { page: "devices" },
    { page: "device", id: "cam-1" },
    { page: "models" },
    { page: "rollouts" },
    { page: "rollout", id: "01JQ8ZC3M5S7T9V1X3Z5A7C9E1" },
    { page: "audit" },
  ];
  for (const route of routes) {
    assert.deepEqual(routeOf(pathOf(route)), route);
  }
});

test("a path that is none is said to be unknown", () => {
  assert.equal(routeOf("/ui/cohorts").page, "unknown");
  assert.equal(routeOf("/ui/audit/more").page, "unknown");
  assert.equal(routeOf("/ui/devices/cam-1/more").page, "unknown");
});
