// An incident, by keyboard alone: sign in, see which cohort got worse, take its alarm, look at the device, roll back. Then a
// tour of all pages.
// CEMA_URL, CEMA_TOKEN, CEMA_CHROMIUM; CEMA_COHORT is worse since CEMA_WORSE, and was well under CEMA_GOOD.
import assert from "node:assert/strict";
import { open, tabTo } from "./watched.mjs";

const { CEMA_URL, CEMA_TOKEN, CEMA_COHORT, CEMA_GOOD, CEMA_WORSE } = process.env;
const short = (version) => `…${version.slice(-6)}`;
const { page, close } = await open();

await page.goto(`${CEMA_URL}/`);
await page.getByRole("heading", { name: "Sign in" }).waitFor();
await page.getByLabel("Token").waitFor();
await page.keyboard.type("no token");
await page.keyboard.press("Enter");
await page.getByRole("alert").waitFor();
await page.getByLabel("Token").fill("");
await page.getByLabel("Token").focus();
await page.keyboard.insertText(CEMA_TOKEN);
await page.keyboard.press("Enter");

// The fleet says who is worse, first of all cohorts.
await page.getByRole("heading", { name: "Fleet" }).waitFor();
const first = page.locator(".cards .card").first();
await first.getByText(/agreement with the teacher is 40.0.%, was 100.0.%/).waitFor();
assert.match(await first.innerText(), new RegExp(CEMA_COHORT));
await first.getByText("drift of 1 device: entropy").waitFor();
await page.getByText("Live", { exact: true }).waitFor();

// The cohort: since when, under which update.
await tabTo(page, CEMA_COHORT);
await page.keyboard.press("Enter");
await page.getByRole("heading", { name: CEMA_COHORT, level: 1 }).waitFor();
await page.getByRole("img", { name: /Agreement with the teacher over time.*40.%.*2 updates marked/ }).waitFor();
assert.match(await page.locator("tr.marked").innerText(), new RegExp(short(CEMA_WORSE)));

// The alarm is somebody's.
await tabTo(page, `Acknowledge drift: entropy of ${CEMA_COHORT}-cam`);
await page.keyboard.press("Enter");
await page.getByRole("dialog", { name: "Look after this alarm?" }).waitFor();
await page.keyboard.press("Enter");
await page.getByText("You look after the alarm.").waitFor();
await page.getByText("by first-admin").waitFor();

// The device that it is about: what it runs, that it is there, and whether it hears.
const camera = `${CEMA_COHORT}-cam`;
await tabTo(page, camera);
await page.keyboard.press("Enter");
await page.getByRole("heading", { name: camera, level: 1 }).waitFor();
await page.getByRole("list").getByText("drift: entropy").waitFor();
const slot = page.getByRole("region", { name: "Slots of the device" }).locator("tbody tr");
await slot.getByRole("link", { name: CEMA_COHORT }).waitFor();
assert.equal(await slot.count(), 1);
await tabTo(page, "Ping");
await page.keyboard.press("Enter");
await page.getByRole("dialog", { name: `Ping ${camera}?` }).waitFor();
await page.keyboard.press("Enter");
await page.getByText("The ping is on its way.").waitFor();
const given = page.getByRole("region", { name: "Commands to the device" }).locator("tbody tr").first();
await given.getByText("ping", { exact: true }).waitFor();
await given.getByText("pending").waitFor();

// All alarms say who looks after it, and lead back to the cohort.
await tabTo(page, "Alarms");
await page.keyboard.press("Enter");
await page.getByRole("heading", { name: "Alarms", level: 1 }).waitFor();
const alarm = page.getByRole("region", { name: "Alarms and who looks after them" }).locator("tbody tr", { hasText: camera });
await alarm.first().getByText("by first-admin").waitFor();
await tabTo(page, CEMA_COHORT);
await page.keyboard.press("Enter");
await page.getByRole("heading", { name: CEMA_COHORT, level: 1 }).waitFor();

// Escape leaves it; Enter does it.
await tabTo(page, "Roll back");
await page.keyboard.press("Enter");
await page.getByRole("dialog").waitFor();
await page.keyboard.press("Escape");
await page.getByRole("dialog").waitFor({ state: "hidden" });
await page.keyboard.press("Enter");
await page.getByRole("dialog", { name: `Roll ${CEMA_COHORT} back to ${short(CEMA_GOOD)}?` }).waitFor();
await page.keyboard.press("Enter");
await page.getByText(`${CEMA_COHORT} is rolled back to ${short(CEMA_GOOD)}.`).waitFor();
await page.locator("tr.marked", { hasText: short(CEMA_GOOD) }).waitFor();

// Every place shows itself, in both colours, and a page that is opened anew is the same one.
for (const scheme of ["light", "dark"]) {
  await page.emulateMedia({ colorScheme: scheme });
  for (const [path, text] of [
    ["/ui/", "Cohorts"],
    [`/ui/cohorts/${CEMA_COHORT}/samples`, "Newest first"],
    [`/ui/updates/${CEMA_GOOD}`, "Which layers moved how far"],
    ["/ui/alarms", "They clear by themselves"],
    ["/ui/devices", camera],
    [`/ui/devices/${camera}`, "Slots"],
    ["/ui/models", "Registered"],
    ["/ui/rollouts", "Of updates"],
    ["/ui/audit", `/api/v1/cohorts/${CEMA_COHORT}/rollback`],
    ["/ui/nowhere", "Go to the fleet"],
  ]) {
    await page.goto(CEMA_URL + path);
    await page.getByText(text).first().waitFor();
    assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), scheme);
  }
}
await close();
