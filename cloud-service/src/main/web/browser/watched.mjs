// A browser page that remembers what must not happen: requests to elsewhere, breaches of the content security policy, errors.
import assert from "node:assert/strict";
import { chromium } from "playwright-core";

const origin = process.env.CEMA_URL;

export async function open(options = {}) {
  const browser = await chromium.launch({ executablePath: process.env.CEMA_CHROMIUM, args: ["--no-sandbox"] });
  const page = await browser.newPage({ viewport: { width: 1360, height: 900 }, ...options });
  const faults = [];
  page.on("request", (request) => {
    const url = new URL(request.url());
    if (url.origin !== origin && url.protocol !== "blob:") {
      faults.push(`request to ${url.origin}`);
    }
  });
  page.on("pageerror", (error) => faults.push(`error: ${error.message}`));
  page.on("console", (message) => {
    if (/Content Security Policy/i.test(message.text())) {
      faults.push(message.text());
    }
  });
  page.setDefaultTimeout(30_000);
  return {
    page,
    close: async () => {
      await browser.close();
      assert.deepEqual(faults, [], "what must not happen");
    },
  };
}

/** Presses Tab until the named thing has the focus, and holds that the focus can be seen. */
export async function tabTo(page, name) {
  const passed = [];
  for (let i = 0; i < 120; i++) {
    await page.keyboard.press("Tab");
    const focused = await page.evaluate(() => {
      const element = document.activeElement;
      const label = element.id ? document.querySelector(`label[for="${element.id}"]`)?.textContent : undefined;
      return {
        name: (element.getAttribute("aria-label") ?? label ?? element.textContent ?? "").trim(),
        seen: getComputedStyle(element).outlineStyle !== "none",
        body: element === document.body,
      };
    });
    passed.push(focused.name);
    assert.ok(focused.seen || focused.body, `the focus on "${focused.name}" cannot be seen`);
    if (focused.name === name) {
      return;
    }
  }
  assert.fail(`"${name}" cannot be reached by keyboard; passed ${passed.join(" | ")}`);
}
