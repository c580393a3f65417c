// Takes the pictures of ops/docs/operator.md from a running demo, which ops/docs/page/take starts: drives it over the REST
// interface, as an operator would, and waits for what the pictures are to show. Nothing shown is made up.
// CEMA_URL, CEMA_TOKEN, CEMA_CHROMIUM, CEMA_AGENT (address of cam-2), CEMA_MODEL (float32 ONNX file of the demo's edge
// net), CEMA_RECORD (what cam-1 plays); node screenshots.mjs FOLDER
import { readFile } from "node:fs/promises";
import { open } from "./watched.mjs";

const { CEMA_URL, CEMA_TOKEN, CEMA_AGENT, CEMA_MODEL, CEMA_RECORD } = process.env;
const folder = process.argv[2];
const COHORT = "demo";
const PATIENCE = 15 * 60_000;
const say = (text) => console.log(`${new Date().toISOString().slice(11, 19)} ${text}`);

async function api(method, path, body, more = {}) {
  const form = body instanceof FormData || body instanceof Uint8Array;
  const answer = await fetch(`${CEMA_URL}/api/v1/${path}`, {
    method,
    headers: {
      Authorization: `Bearer ${CEMA_TOKEN}`,
      ...(body === undefined || form ? {} : { "Content-Type": "application/json" }),
      ...more,
    },
    body: body === undefined || form ? body : JSON.stringify(body),
  });
  if (!answer.ok) {
    throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
  }
  return { etag: answer.headers.get("ETag"), body: answer.status === 204 ? undefined : await answer.json() };
}
const get = async (path) => (await api("GET", path)).body;

/** What `look` gives once it is not empty; fails after a while, or goes on without it where that is `enough`. */
async function until(what, look, patience = PATIENCE, enough = false) {
  say(`waiting for ${what}`);
  const end = Date.now() + patience;
  for (;;) {
    const seen = await look().catch(() => undefined);
    if (seen) {
      return seen;
    }
    if (Date.now() > end) {
      if (enough) {
        say(`no ${what}; the pictures go on without`);
        return undefined;
      }
      throw new Error(`${what} did not come`);
    }
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
}

/** Two devices with labels, of which one has a second model and is asked by it; a compression of it. */
async function furnish() {
  const devices = await until("the devices", async () => {
    const items = (await get(`devices?cohort=${COHORT}`)).items;
    return items.length === 2 && items.every((d) => d.presence === "ONLINE") && items;
  });
  const patch = (id, displayName, labels) => api("PATCH", `devices/${id}`, { displayName, labels });
  await patch(devices[0].id, "", { site: "ring-road", lane: "1" });
  await patch(devices[1].id, "Ring road, east gate", { site: "ring-road", lane: "2" });
  const foundation = (await get(`pairs/${COHORT}`)).foundation;
  const labels = (await get(`models/${foundation}`)).manifest.labels.join(",");
  const query = new URLSearchParams({ name: "edge-float32", mean: "0.5,0.5,0.5", std: "0.25,0.25,0.25", labels });
  const model = await api("POST", `models?${query}`, await readFile(CEMA_MODEL), {
    "Content-Type": "application/octet-stream",
  });
  const edge = model.body.digest ?? model.body.manifest.digest;
  await api("POST", "pairs", { id: "demo-float32", edge, foundation });
  await api("POST", "cohorts", { id: "gate-requests", pair: "demo-float32", devices: [], policy: {} });
  await api("PUT", `devices/${devices[1].id}/slots/gate-requests`);

  const form = new FormData();
  form.set("model", edge);
  form.set("name", "edge-compressed");
  form.set("images", new Blob([await cifar(256)]), "images.bin");
  form.set("options", JSON.stringify({ sparseStage: { epochs: 1 }, quantizedStage: { epochs: 1 } }));
  await api("POST", "compressions", form);
  return { devices };
}

/** The first frames of the record (CEMAREC1, interleaved) as CIFAR-10 records (a byte for the label, then planes). */
async function cifar(frames) {
  const record = await readFile(CEMA_RECORD);
  const size = record.readInt32BE(8) * record.readInt32BE(12);
  const out = new Uint8Array(frames * (1 + 3 * size));
  for (let f = 0; f < frames; f++) {
    for (let i = 0; i < 3 * size; i++) {
      out[f * (1 + 3 * size) + 1 + (i % 3) * size + Math.floor(i / 3)] = record[20 + f * 3 * size + i];
    }
  }
  return out;
}

/** Somebody who asks cam-2's second model about a picture, three times a second, until stopped. */
function ask(png) {
  const timer = setInterval(() => {
    fetch(`${CEMA_AGENT}/v1/classify?model=edge-float32`, {
      method: "POST",
      headers: { "Content-Type": "image/png" },
      body: png,
    }).catch(() => undefined);
  }, 330);
  return () => clearInterval(timer);
}

/** @param places [name, path] or [name, path, what to do there]; `windows` [suffix, options] */
async function take(windows, places) {
  for (const [suffix, options] of windows) {
    const { page, close } = await open({ viewport: { width: 1280, height: 800 }, ...options });
    page.setDefaultTimeout(120_000);
    await page.goto(`${CEMA_URL}/ui/`);
    await page.getByLabel("Token").fill(CEMA_TOKEN);
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Fleet" }).waitFor();
    for (const [name, path, act] of places) {
      await page.goto(CEMA_URL + path);
      await page.locator(".section").first().waitFor();
      await page.getByText("Live", { exact: true }).waitFor();
      await page.waitForTimeout(2500);
      await act?.(page);
      const size = page.viewportSize();
      const full = await page.evaluate(() => document.documentElement.scrollHeight);
      await page.setViewportSize({ ...size, height: Math.min(Math.max(full, size.height), 1400) });
      await page.evaluate(() => scrollTo(0, 0));
      await page.waitForTimeout(400);
      await page.screenshot({ path: `${folder}/${name}-${suffix}.png` });
      say(`took ${name}-${suffix}`);
      await page.setViewportSize(size);
    }
    await close();
  }
}

const LIGHT = ["light", { colorScheme: "light" }];
const DARK = ["dark", { colorScheme: "dark" }];
const TABLET = ["tablet", { colorScheme: "dark", viewport: { width: 1024, height: 768 } }];
const PHONE = ["phone", { colorScheme: "light", viewport: { width: 400, height: 860 } }];
const at = `/ui/cohorts/${COHORT}`;

async function showImages(page) {
  await page.getByRole("button", { name: /^Show \d+ image/ }).click();
  await page.waitForFunction(() => [...document.querySelectorAll(".thumb")].every((t) => t.childElementCount > 0));
}

async function hold(verb) {
  const { etag } = await api("GET", `cohorts/${COHORT}/pin`);
  await api(verb, `cohorts/${COHORT}/freeze`, undefined, { "If-Match": etag });
}

const published = async () =>
  (await get(`updates?cohort=${COHORT}&limit=200`)).items.filter((u) => u.publications.length > 0);

await until("the service", async () => (await fetch(`${CEMA_URL}/q/health/ready`)).ok);
const signIn = await open({ colorScheme: "light", viewport: { width: 1280, height: 800 } });
await signIn.page.goto(`${CEMA_URL}/ui/`);
await signIn.page.getByLabel("Token").waitFor();
await signIn.page.screenshot({ path: `${folder}/sign-in-light.png` });
await signIn.close();

// In clear weather: two updates, then the cohort is frozen, so that what is usual can be learnt.
const { devices } = await furnish();
await until("two updates", async () => (await published()).length >= 2, 240_000, true);
await hold("PUT");
const [sample] = (await get(`samples?cohort=${COHORT}&limit=1`)).items;
const image = await fetch(`${CEMA_URL}/api/v1/samples/${sample.device}/${sample.sampleId}/image`, {
  headers: { Authorization: `Bearer ${CEMA_TOKEN}` },
});
const stop = ask(await image.arrayBuffer());

// Fog: the alarm, and what one looks at.
const alarm = await until("an alarm of drift", async () => (await get("alarms?type=DRIFT")).items[0]);
say(`${alarm.message}`);
const device = `/ui/devices/${devices[1].id}`;
await api("POST", `devices/${devices[1].id}/commands`, { name: "ping" });
await take([LIGHT, DARK], [["alarms", "/ui/alarms"], ["fleet", "/ui/"], ["cohort", at], ["device", device]]);
await take([TABLET], [["cohort", at]]);
await take([PHONE], [["alarms", "/ui/alarms"], ["device", device]]);
await api("POST", `alarms/${alarm.id}/acknowledge`);

// The cohort learns again.
const before = (await published()).length;
await hold("DELETE");
await until("updates in fog", async () => (await published()).length >= before + 2, 240_000, true);
const update = (await published()).find((u) => u.parent && u.samples > 0);
await take(
  [LIGHT],
  [
    ["course", at],
    ["roll-back", at, (page) => page.getByRole("button", { name: "Roll back", exact: true }).click()],
    ["samples", `${at}/samples`, showImages],
    ["devices", "/ui/devices"],
    ...(update ? [["update", `/ui/updates/${update.version}`, showImages]] : []),
  ],
);

// Canaries for updates, and another model in waves.
const { body: now, etag } = await api("GET", `cohorts/${COHORT}`);
const policy = { ...now.policy, canary: {}, selection: { ...now.policy.selection, randomShare: 0.3 } };
await api("PUT", `cohorts/${COHORT}/policy`, policy, { "If-Match": etag });
await until("an update at its canaries", async () => (await get("update-rollouts")).items[0], 240_000, true);
await take([LIGHT], [["rollouts", "/ui/rollouts"]]);
await until(
  "the compression",
  async () => (await get("compressions")).items.every((job) => job.endedAt),
  300_000,
  true,
);
await take([LIGHT, DARK], [["models", "/ui/models"]]);
const compressed = (await get("compressions")).items[0].result;
const { foundation } = await get(`pairs/${COHORT}`);
await api("POST", "pairs", { id: "demo-anew", edge: compressed, foundation });
const waves = [{ name: "first camera", percent: 50 }, { name: "all", percent: 100 }];
const rollout = (await api("POST", "rollouts", { cohort: COHORT, pair: "demo-anew", waves })).body;
const draft = await api("GET", `rollouts/${rollout.id}`);
await api("POST", `rollouts/${rollout.id}/start`, undefined, { "If-Match": draft.etag });
await until(
  "a camera with the other model",
  async () => (await get(`rollouts/${rollout.id}`)).progress?.some((wave) => wave.applied > 0),
  240_000,
  true,
);
await take([LIGHT], [["rollout", `/ui/rollouts/${rollout.id}`]]);
await take([LIGHT], [["audit", "/ui/audit"]]);
stop();
say("done");
