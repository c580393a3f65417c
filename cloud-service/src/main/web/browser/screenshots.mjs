// Pictures of each page for ops/docs: CEMA_URL, CEMA_TOKEN, CEMA_CHROMIUM; node screenshots.mjs FOLDER [COHORT]
import { mkdir } from "node:fs/promises";
import { open } from "./watched.mjs";

const { CEMA_URL, CEMA_TOKEN } = process.env;
const [folder, wanted] = process.argv.slice(2);
await mkdir(folder, { recursive: true });

async function api(path) {
  const answer = await fetch(`${CEMA_URL}/api/v1/${path}`, { headers: { Authorization: `Bearer ${CEMA_TOKEN}` } });
  return answer.json();
}

const cohort = wanted ?? (await api("cohorts")).items[0].id;
const updates = (await api(`updates?cohort=${cohort}&limit=200`)).items;
const update = updates.find((u) => u.publications.length > 0 && u.parent && u.samples > 0) ?? updates[0];
const rollout = (await api("rollouts")).items[0];

for (const scheme of ["light", "dark"]) {
  const { page, close } = await open({ colorScheme: scheme, viewport: { width: 1280, height: 800 } });
  await page.goto(`${CEMA_URL}/ui/`);
  await page.getByLabel("Token").waitFor();
  await page.screenshot({ path: `${folder}/sign-in-${scheme}.png` });
  await page.getByLabel("Token").fill(CEMA_TOKEN);
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Fleet" }).waitFor();
  const places = [
    ["fleet", "/ui/"],
    ["cohort", `/ui/cohorts/${cohort}`],
    ["samples", `/ui/cohorts/${cohort}/samples`],
    ["models", "/ui/models"],
    ["rollouts", "/ui/rollouts"],
    ["audit", "/ui/audit"],
    ...(update ? [["update", `/ui/updates/${update.version}`]] : []),
    ...(rollout ? [["rollout", `/ui/rollouts/${rollout.id}`]] : []),
  ];
  for (const [name, path] of places) {
    await page.goto(CEMA_URL + path);
    await page.locator(".section").first().waitFor();
    await page.getByText("Live", { exact: true }).waitFor();
    const show = page.getByRole("button", { name: /^Show \d+ image/ });
    if (name === "samples" || name === "update") {
      if (await show.waitFor({ timeout: 5000 }).then(() => true, () => false)) {
        await show.click();
        await page.waitForTimeout(2500);
      }
    }
    await page.waitForTimeout(1200);
    const full = await page.evaluate(() => document.documentElement.scrollHeight);
    await page.setViewportSize({ width: 1280, height: Math.min(Math.max(full, 800), 1080) });
    await page.evaluate(() => scrollTo(0, 0));
    await page.waitForTimeout(400);
    await page.screenshot({ path: `${folder}/${name}-${scheme}.png` });
    await page.setViewportSize({ width: 1280, height: 800 });
  }
  if (scheme === "light") {
    await page.goto(`${CEMA_URL}/ui/cohorts/${cohort}`);
    await page.getByRole("button", { name: "Roll back", exact: true }).click();
    await page.getByRole("dialog").waitFor();
    await page.screenshot({ path: `${folder}/roll-back-light.png` });
  }
  await close();
}
