// An incident, by keyboard alone: sign in, see which cohort got worse, look, take its alarm, roll back. Then a tour of all
// pages.
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
