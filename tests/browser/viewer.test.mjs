// Drives the list of events in a real Chromium over the events of `trailcar demo`. Screenshots go to tests/artefacts.
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { accessible, close, fits, folder, looked, open, serve, shot } from "./site.mjs";

let site;
before(async () => { site = await serve("demo", "--data-dir", folder(), "--listen", "127.0.0.1:0"); });

const total = async (page) => Number((await page.locator(".total strong").textContent()).replaceAll(",", ""));
const cells = (page, name) => page.locator(`tr[data-key] td[data-label="${name}"] .v`).allTextContents();

test("events are listed newest first, and every page of a width fits", async () => {
  const page = await open(site + "/");
  const times = await page.locator("tr[data-key] time").evaluateAll((all) => all.map((time) => time.dateTime));
  assert.ok(times.length > 10, `only ${times.length} events`);
  assert.deepEqual(times, times.toSorted().reverse());
  assert.match(await page.locator("tr[data-key] time").first().textContent(), /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}$/);
  assert.match(await page.locator("tr[data-key] time").first().getAttribute("title"), /\(.*\)$/);
  for (const width of [1920, 1440, 1280, 1100, 1024, 900, 768, 390, 320]) {
    await page.setViewportSize({ width, height: 800 });
    await fits(page);
  }
  await close(page);
  await looked(site + "/", "list");
});

test("an event opens below its row, with its document, and closes again", async () => {
  const page = await open(site + "/");
  const link = page.locator("tr[data-key] a.open").first();
  const time = await link.locator("time").getAttribute("datetime");
  await link.click();
  const opened = page.locator("tr.opened");
  await opened.getByText("Document as JSON").click();
  const event = JSON.parse(await opened.locator("pre").textContent());
  assert.equal(Date.parse(event["@timestamp"]), Date.parse(time));
  assert.match(event["@timestamp"], /T\d\d:\d\d:\d\d\.\d{3}Z$/);
  await shot(page, "opened");
  await accessible(page);
  await link.click();
  assert.equal(await page.locator("tr.opened").count(), 0);
  // Anywhere else in the row opens it too, and a value in it leads to its events.
  await page.locator('tr[data-key] td[data-label="Resource"]').first().click({ position: { x: 3, y: 3 } });
  await page.locator("tr.opened .fields .v").getByText("success", { exact: true }).click();
  await page.waitForURL(/outcome=success/);
  await close(page);
});

test("what changed is told as a difference, for every source", async () => {
  for (const [asked, field, before, after] of [
    ["dataset=cencori.audit&action=security_updated", "model|enabled|limit", /^.+$/, /^.+$/],
    ["dataset=promptfoo.audit&action=role_updated", "permissions", /^$/, /evals:write/],
    ["dataset=cursor.audit&action=user_spend_limit", "limit_cents", /^\d+$/, /^\d+$/],
  ]) {
    const page = await open(`${site}/?${asked}`);
    await page.locator("tr[data-key] a.open").first().click();
    const row = page.locator("tr.opened .changes tbody tr").first();
    assert.match(await row.locator("th").textContent(), new RegExp(field));
    assert.match((await row.locator("td").first().textContent()).trim(), before);
    assert.match((await row.locator("td").last().textContent()).trim(), after);
    await shot(page, `changes-${asked.match(/=(\w+)/)[1]}`);
    await accessible(page);
    await close(page);
  }
});

test("filters narrow, combine and can be taken away", async () => {
  const page = await open(site + "/");
  const all = await total(page);
  await page.locator(".facet", { hasText: "Action" }).getByRole("link", { name: /^login / }).click();
  const actions = await cells(page, "Action");
  assert.ok(actions.length > 0 && actions.every((action) => action === "login"));
  assert.match(page.url(), /action=login/);
  await page.locator(".facet", { hasText: "Outcome" }).getByRole("link", { name: /^failure / }).click();
  const outcomes = await cells(page, "Outcome");
  assert.ok(outcomes.length > 0 && outcomes.every((outcome) => outcome === "failure"));
  const both = await total(page);
  await page.getByRole("link", { name: "Take away Action login" }).click();
  assert.ok((await total(page)) >= both);
  await page.getByRole("link", { name: "Clear all filters" }).click();
  assert.equal(await total(page), all);
  await close(page);
});

test("a project or team of any source is a filter", async () => {
  for (const [asked, value] of [["cencori.audit", /^proj_/], ["promptfoo.audit", /^team_/], ["cursor.audit", /^org_/]]) {
    const page = await open(`${site}/?dataset=${asked}`);
    const facet = page.locator(".facet", { has: page.locator("summary", { hasText: /^Project or team$/ }) });
    const link = facet.getByRole("link", { name: value }).first();
    const count = Number((await link.locator(".count").textContent()).replaceAll(",", ""));
    await link.click();
    await page.waitForURL(/project=/);
    assert.equal(await total(page), count, asked);
    assert.equal(await facet.locator(".chosen").count(), 1);
    await accessible(page);
    await shot(page, `project-${asked.split(".")[0]}`);
    await close(page);
  }
});

test("values can be kept out, and the counts add up", async () => {
  const page = await open(site + "/");
  const all = await total(page);
  const link = page.locator(".facet", { hasText: "Action" }).getByRole("link", { name: /^login / });
  const logins = Number((await link.locator(".count").textContent()).replaceAll(",", ""));
  await page.getByRole("link", { name: "Keep out login", exact: true }).click();
  assert.equal(await total(page), all - logins);
  assert.ok(!(await cells(page, "Action")).includes("login"));
  await accessible(page);
  await shot(page, "kept-out");
  // Once more on it takes that back.
  await page.locator(".kept-out").first().click();
  assert.equal(await total(page), all);
  // And from a row, with the mouse.
  const row = page.locator("tr[data-key]").first();
  const actor = await row.locator('td[data-label="Actor"] .v').textContent();
  await row.locator('td[data-label="Actor"]').hover();
  await row.locator('td[data-label="Actor"] .no').click();
  assert.ok(!(await cells(page, "Actor")).includes(actor));
  await close(page);
});

test("who changed it is two clicks away", async () => {
  const page = await open(site + "/?action=role_updated");
  await page.locator("tr[data-key] a.open").first().click();
  const who = await page.locator("tr.opened .facts div", { hasText: "Who" }).locator(".v").textContent();
  await page.getByRole("link", { name: "History of the resource" }).click();
  await page.waitForURL(/\/resources\//);
  assert.ok((await page.locator("section", { hasText: "Actors" }).getByRole("link", { name: who, exact: true }).count()) > 0);
  await close(page);
});

test("more values of a field are a link away", async () => {
  const page = await open(site + "/");
  const values = page.locator(".facet", { hasText: "Action" }).locator("li");
  assert.equal(await values.count(), 10);
  await page.getByRole("link", { name: "More action values" }).click();
  assert.ok((await values.count()) > 20);
  await close(page);
});

test("words are searched for, and nothing found says what to do", async () => {
  const page = await open(site + "/");
  await page.getByRole("searchbox").fill("scim");
  await page.getByRole("button", { name: "Search" }).click();
  assert.ok((await page.locator("tr[data-key]").count()) > 0);
  await page.getByRole("searchbox").fill("no-such-word-anywhere");
  await page.getByRole("button", { name: "Search" }).click();
  await page.getByRole("heading", { name: "No event matches" }).waitFor();
  // Who writes a field gets to it.
  await page.getByRole("searchbox").fill("source.ip:192.0.2.17");
  await page.getByRole("button", { name: "Search" }).click();
  await page.getByRole("link", { name: "source.ip is 192.0.2.17" }).click();
  assert.ok((await page.locator("tr[data-key]").count()) > 0);
  await close(page);
  await looked(site + "/?q=no-such-word-anywhere", "nothing");
});

test("a bar of the histogram leads to its time", async () => {
  const page = await open(site + "/");
  const bar = page.locator(".histogram a").first();
  const events = Number((await bar.getAttribute("aria-label")).match(/: ([\d,]+) events$/)[1].replaceAll(",", ""));
  await bar.focus();
  await page.keyboard.press("Enter");
  await page.waitForURL(/from=/);
  assert.equal(await total(page), events);
  await close(page);
});

test("a range of times is dragged over the bars, or given up", async () => {
  const page = await open(site + "/?action=login");
  const box = await page.locator(".histogram svg").boundingBox();
  const drag = async (escape) => {
    await page.mouse.move(box.x + box.width * 0.25, box.y + 20);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.4, box.y + 30, { steps: 4 });
    await page.mouse.move(box.x + box.width * 0.5, box.y + 30, { steps: 4 });
    if (escape) await page.keyboard.press("Escape");
    else await shot(page, "dragged");
    await page.mouse.up();
  };
  await drag(true);
  assert.ok(!page.url().includes("from="));
  await drag(false);
  await page.waitForURL(/action=login.*from=.*to=/);
  const asked = new URL(page.url()).searchParams;
  const times = await page.locator("tr[data-key] time").evaluateAll((all) => all.map((time) => Date.parse(time.dateTime)));
  assert.ok(times.length > 0 && times.every((time) => time >= Date.parse(asked.get("from")) && time < Date.parse(asked.get("to"))));
  await close(page);
});

test("a time range can be typed, and chosen", async () => {
  const page = await open(site + "/?action=login");
  const newest = await page.locator("tr[data-key] time").first().getAttribute("datetime");
  const day = newest.slice(0, 10);
  await page.getByText("From – to").click();
  await page.getByLabel("From (UTC)").fill(`${day}T00:00:00`);
  await page.getByRole("button", { name: "Choose" }).click();
  await page.waitForURL(/action=login.*from=/);
  const times = await page.locator("tr[data-key] time").evaluateAll((all) => all.map((time) => time.dateTime));
  assert.ok(times.length > 0 && times.every((time) => time >= day));
  await page.getByRole("navigation", { name: "Time" }).getByRole("link", { name: "24h" }).click();
  assert.equal(new URL(page.url()).search, "?action=login&range=24h");
  await page.getByRole("link", { name: /^Take away Time/ }).click();
  assert.equal(new URL(page.url()).search, "?action=login");
  await close(page);
});

for (const javaScriptEnabled of [true, false]) {
  test(`an event gives its time to the view, ${javaScriptEnabled ? "with" : "without"} JavaScript`, async () => {
    const page = await open(site + "/?action=login", { javaScriptEnabled });
    const times = () => page.locator("tr[data-key] td:first-child time").evaluateAll((all) => all.map((time) => Date.parse(time.dateTime)));
    const from = async (row, way) => {
      const link = page.locator("tr[data-key] a.open").nth(row);
      const time = Date.parse(await link.locator("time").getAttribute("datetime"));
      await link.click();
      await page.getByRole("link", { name: way }).click();
      await page.locator(".chips").getByText("Time", { exact: true }).waitFor();
      return time;
    };
    const oldest = await from(9, "From here on");
    assert.match(page.url(), /\?action=login&from=/);
    assert.equal((await times()).length, 10);
    assert.equal((await times()).at(-1), oldest);
    const newest = await from(4, "Until here");
    assert.match(page.url(), /\?action=login&from=.*&to=/);
    assert.deepEqual([(await times()).length, (await times())[0], (await times()).at(-1)], [6, newest, oldest]);
    await fits(page);
    if (javaScriptEnabled) {
      await shot(page, "range");
      await accessible(page);
    }
    const range = () => Date.parse(new URL(page.url()).searchParams.get("to")) - Date.parse(new URL(page.url()).searchParams.get("from"));
    const before = range();
    await page.getByRole("link", { name: "Wider" }).click();
    await page.waitForURL((url) => url.searchParams.get("to") && Date.parse(url.searchParams.get("to")) > newest + 1);
    assert.ok(Math.abs(range() - 2 * before) <= 2);
    const at = await from(0, "Everything 1 minute around it");
    assert.ok(!page.url().includes("action="));
    assert.ok((await times()).length > 0 && (await times()).every((time) => Math.abs(time - at) <= 60_000));
    await close(page);
  });
}

test("pages lead on and back", async () => {
  const page = await open(site + "/");
  const first = await page.locator("tr[data-key] time").first().getAttribute("datetime");
  await page.getByRole("link", { name: "Older →" }).click();
  assert.ok((await page.locator("tr[data-key] time").first().getAttribute("datetime")) <= first);
  await page.getByRole("link", { name: "← Newer" }).click();
  assert.equal(await page.locator("tr[data-key] time").first().getAttribute("datetime"), first);
  await close(page);
});

test("the keyboard does it all", async () => {
  const page = await open(site + "/");
  await page.keyboard.press("?");
  await page.getByRole("heading", { name: "Keys" }).waitFor();
  await shot(page, "keys");
  await accessible(page);
  await page.keyboard.press("Escape");
  const at = () => page.locator("tr.at").getAttribute("data-key");
  const keys = await page.locator("tr[data-key]").evaluateAll((rows) => rows.map((row) => row.dataset.key));
  for (const [key, place] of [["j", 0], ["j", 1], ["j", 2], ["k", 1]]) {
    await page.keyboard.press(key);
    assert.equal(await at(), keys[place]);
  }
  await page.keyboard.press("Enter");
  await page.locator("tr.opened").waitFor();
  await page.keyboard.press("Enter");
  assert.equal(await page.locator("tr.opened").count(), 0);
  await page.keyboard.press("/");
  await page.keyboard.type("jkn?");
  assert.equal(await page.getByRole("searchbox").inputValue(), "jkn?");
  await page.keyboard.press("Escape");
  await page.keyboard.press("n");
  await page.waitForURL(/cursor=/);
  await page.keyboard.press("p");
  await page.waitForURL((url) => url.searchParams.get("cursor")?.startsWith("n"));
  await page.keyboard.press("j");
  await page.keyboard.press("o");
  await page.waitForURL(/\/events\//);
  // The way to the content is the first stop.
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement.textContent), "Skip to content");
  await close(page);
});

test("everything works without JavaScript", async () => {
  const page = await open(site + "/", { javaScriptEnabled: false });
  await page.getByRole("searchbox").fill("login");
  await page.getByRole("button", { name: "Search" }).click();
  assert.ok((await page.locator("tr[data-key]").count()) > 0);
  await page.getByText("From – to").click();
  await page.getByLabel("To (UTC)").fill("2026-12-31T00:00:00");
  await page.getByRole("button", { name: "Choose" }).click();
  assert.match(page.url(), /q=login/);
  assert.ok((await page.locator("tr[data-key]").count()) > 0);
  await page.locator(".facet", { hasText: "Outcome" }).getByRole("link", { name: /^success / }).click();
  await page.locator("tr[data-key] a.open").first().click();
  await page.getByText("Document as JSON").click();
  assert.ok(JSON.parse(await page.locator("pre").textContent())["@timestamp"]);
  await page.getByRole("link", { name: "History of the actor" }).click();
  await page.getByText("First seen").waitFor();
  for (const name of ["Failed logins", "Quarantine", "Sources", "Balance"]) {
    await page.getByRole("navigation", { name: "Pages", exact: true }).getByRole("link", { name }).click();
    await page.locator('nav a[aria-current="page"]', { hasText: name }).waitFor();
  }
  await close(page);
});

test("an event's own page", async () => {
  const page = await open(site + "/?action=role_updated");
  const path = await page.locator("tr[data-key] a.open").first().getAttribute("href");
  await close(page);
  await looked(site + path, "event");
});

test("what is wrong in an address is said in words", async () => {
  for (const [path, words, name] of [
    ["/?range=1y", /range is 1h, 24h/, "wrong"],
    ["/actors/ada?from=yesterday", /is not a time/, "wrong-time"],
    ["/nowhere", /no such page/, "missing"],
  ]) {
    const page = await open(site + path);
    assert.match(await page.locator("main").textContent(), words);
    page.problems = page.problems.filter((problem) => !/status of 40[04]/.test(problem));
    await shot(page, name);
    await accessible(page);
    await close(page);
  }
});
