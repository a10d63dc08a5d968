// Drives the viewer in a real Chromium over the events of `trailcar demo`. Screenshots go to tests/artefacts.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, before, test } from "node:test";
import { chromium } from "playwright-core";

const top = new URL("../..", import.meta.url).pathname;
const artefacts = process.env.TRAILCAR_TEST_ARTEFACTS ?? join(top, "tests/artefacts");
const binary = process.env.TRAILCAR_BINARY ?? join(process.env.CARGO_TARGET_DIR ?? join(top, "target"), "debug/trailcar");
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const executablePath = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(existsSync);
const phone = { width: 390, height: 844 };

let demo, data, browser, site;

/** Starts the demo on a free port and reads its address from what it says. */
async function startDemo() {
  data = mkdtempSync(join(tmpdir(), "trailcar-browser-"));
  demo = spawn(binary, ["demo", "--data-dir", data, "--listen", "127.0.0.1:0"], { stdio: ["ignore", "pipe", "inherit"] });
  for await (const line of createInterface({ input: demo.stdout })) {
    const found = line.match(/http:\/\/127\.0\.0\.1:\d+/);
    if (found) {
      demo.stdout.resume();
      return found[0];
    }
  }
  throw new Error("the demo ended without an address");
}

before(async () => {
  assert.ok(executablePath, "no Chromium: apt-get install chromium");
  mkdirSync(artefacts, { recursive: true });
  site = await startDemo();
  browser = await chromium.launch({
    executablePath,
    args: ["--no-sandbox", "--disable-quic", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
  });
});

after(async () => {
  await browser?.close();
  demo?.kill();
  rmSync(data, { recursive: true, force: true });
});

/** A page whose own errors fail the test. */
async function open(path, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  page.problems = [];
  page.on("pageerror", (error) => page.problems.push(String(error)));
  page.on("console", (message) => message.type() === "error" && page.problems.push(message.text()));
  await page.goto(site + path);
  return page;
}

async function close(page) {
  assert.deepEqual(page.problems, []);
  await page.context().close();
}

const shot = (page, name) => page.screenshot({ path: join(artefacts, `viewer-${name}.png`), fullPage: true });

/** WCAG A and AA, as far as a program can tell. */
async function accessible(page) {
  // The policy of the pages lets no foreign script in; the checker is evaluated by the browser's driver.
  await page.evaluate(axe);
  const result = await page.evaluate(() => globalThis.axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"] }));
  assert.deepEqual(result.violations.map((found) => `${found.id}: ${found.nodes.map((node) => node.html).slice(0, 3).join(" ")}`), []);
}

test("events are listed newest first", async () => {
  const page = await open("/");
  const times = await page.locator("tbody time").evaluateAll((all) => all.map((time) => time.dateTime));
  assert.ok(times.length > 10, `only ${times.length} events`);
  assert.deepEqual(times, times.toSorted().reverse());
  await shot(page, "list");
  await accessible(page);
  await close(page);
});

test("an event opens below its row and closes again", async () => {
  const page = await open("/");
  const link = page.locator("tbody a.open").first();
  const time = await link.locator("time").getAttribute("datetime");
  await link.click();
  const shown = page.locator("tr.opened pre");
  await shown.waitFor();
  const event = JSON.parse(await shown.textContent());
  assert.equal(Date.parse(event["@timestamp"]), Date.parse(time));
  assert.match(event["@timestamp"], /T\d\d:\d\d:\d\d\.\d{3}Z$/);
  await shot(page, "opened");
  await accessible(page);
  await link.click();
  assert.equal(await page.locator("tr.opened").count(), 0);
  await close(page);
});

test("filters narrow, combine and can be taken away", async () => {
  const page = await open("/");
  const all = await page.locator(".total strong").textContent();
  await page.locator(".facet", { hasText: "Action" }).getByRole("link", { name: /^login / }).click();
  const actions = await page.locator('td[data-label="Action"]').allTextContents();
  assert.ok(actions.length > 0 && actions.every((action) => action.trim() === "login"));
  assert.match(page.url(), /action=login/);
  await page.locator(".facet", { hasText: "Outcome" }).getByRole("link", { name: /^failure / }).click();
  const outcomes = await page.locator('td[data-label="Outcome"]').allTextContents();
  assert.ok(outcomes.length > 0 && outcomes.every((outcome) => outcome.trim() === "failure"));
  await page.getByRole("link", { name: "Clear all filters" }).click();
  assert.equal(await page.locator(".total strong").textContent(), all);
  await close(page);
});

test("words are searched for, and nothing found says what to do", async () => {
  const page = await open("/");
  await page.getByRole("searchbox").fill("scim");
  await page.getByRole("button", { name: "Show" }).click();
  const found = await page.locator("tbody tr").count();
  assert.ok(found > 0);
  await page.getByRole("searchbox").fill("no-such-word-anywhere");
  await page.getByRole("button", { name: "Show" }).click();
  await page.getByRole("heading", { name: "No event matches" }).waitFor();
  await shot(page, "nothing");
  await accessible(page);
  await close(page);
});

test("a bar of the histogram leads to its time", async () => {
  const page = await open("/");
  const bar = page.locator(".histogram a").first();
  const events = Number((await bar.getAttribute("aria-label")).match(/: ([\d,]+) events$/)[1].replaceAll(",", ""));
  await bar.focus();
  await page.keyboard.press("Enter");
  await page.waitForURL(/from=/);
  assert.equal(Number((await page.locator(".total strong").textContent()).replaceAll(",", "")), events);
  await close(page);
});

test("a time range can be typed", async () => {
  const page = await open("/");
  const newest = await page.locator("tbody time").first().getAttribute("datetime");
  const day = newest.slice(0, 10);
  await page.getByLabel("From (UTC)").fill(`${day}T00:00:00`);
  await page.getByRole("button", { name: "Show" }).click();
  const times = await page.locator("tbody time").evaluateAll((all) => all.map((time) => time.dateTime));
  assert.ok(times.length > 0 && times.every((time) => time >= day));
  await page.locator('select[name="range"]').selectOption("all");
  await page.waitForURL((url) => url.search === "");
  await close(page);
});

test("pages lead on and back", async () => {
  const page = await open("/");
  const first = await page.locator("tbody time").first().getAttribute("datetime");
  await page.getByRole("link", { name: "Older →" }).click();
  assert.ok((await page.locator("tbody time").first().getAttribute("datetime")) <= first);
  await page.getByRole("link", { name: "← Newer" }).click();
  assert.equal(await page.locator("tbody time").first().getAttribute("datetime"), first);
  await close(page);
});

test("everything works without JavaScript", async () => {
  const page = await open("/", { javaScriptEnabled: false });
  await page.getByRole("searchbox").fill("login");
  await page.getByRole("button", { name: "Show" }).click();
  assert.ok((await page.locator("tbody tr").count()) > 0);
  await page.locator("tbody a.open").first().click();
  await page.getByRole("heading", { name: "Document" }).waitFor();
  assert.ok(JSON.parse(await page.locator("pre").textContent())["@timestamp"]);
  await close(page);
});

test("dark, on a phone, and the status page", async () => {
  const dark = await open("/", { colorScheme: "dark" });
  await shot(dark, "dark");
  await accessible(dark);
  await close(dark);
  for (const [path, name] of [["/", "phone"], ["/status", "phone-status"]]) {
    const page = await open(path, { viewport: phone, isMobile: true, hasTouch: true });
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(overflow <= 0, `${path} is ${overflow} pixels wider than the phone`);
    await shot(page, name);
    await accessible(page);
    await close(page);
  }
  const status = await open("/status");
  assert.ok((await status.getByRole("row").count()) > 1);
  await shot(status, "status");
  await accessible(status);
  await close(status);
});

test("what is wrong in an address is said in words", async () => {
  const page = await open("/?range=1y");
  assert.match(await page.locator("main").textContent(), /range is 1h, 24h/);
  page.problems = page.problems.filter((problem) => !problem.includes("400"));
  await shot(page, "wrong");
  await accessible(page);
  await close(page);
});
