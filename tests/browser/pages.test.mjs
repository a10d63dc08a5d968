// Drives the other pages in a real Chromium: histories, failed logins, quarantine, sources, balance, and those of other outputs.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { before, test } from "node:test";
import { accessible, close, folder, looked, open, serve, shot, sidecar, top } from "./site.mjs";

let site;
before(async () => { site = await serve("demo", "--data-dir", folder(), "--listen", "127.0.0.1:0"); });

test("an actor's history", async () => {
  const page = await open(site + "/actors/ada%40example.com");
  for (const title of ["Addresses", "Actions", "Resources", "Datasets"]) await page.getByRole("heading", { name: title, exact: true }).waitFor();
  const actors = await page.locator('tr[data-key] td[data-label="Actor"] .v').allTextContents();
  assert.ok(actors.length > 0 && actors.every((actor) => actor === "ada@example.com"));
  const [first, last] = await page.locator(".facts time").evaluateAll((all) => all.map((time) => time.dateTime));
  assert.ok(first < last);
  const events = await page.locator(".facts strong").textContent();
  await page.locator(".facts a").click();
  assert.equal(await page.locator(".total strong").textContent(), events);
  await page.goBack();
  // A value leads to what both have in common.
  await page.locator("section", { hasText: "Actions" }).getByRole("link", { name: "login", exact: true }).click();
  assert.equal(new URL(page.url()).search, "?user=ada%40example.com&action=login");
  await close(page);
  await looked(site + "/actors/ada%40example.com", "actor");
  await looked(site + "/actors/nobody", "actor-nobody");
});

test("a resource's history", async () => {
  await looked(site + "/resources/role_3", "resource", async (page) => {
    assert.ok((await page.locator("section", { hasText: "Actors" }).locator("tbody tr").count()) > 0);
  });
});

test("what was put over HTTP has a history, and so has a page that was looked at", async () => {
  const own = await sidecar({ sources: [] });
  const put = (description) => fetch(own + "/_ingest/pipeline/mine", {
    method: "PUT", headers: { "content-type": "application/json" }, body: JSON.stringify({ description, processors: [] }),
  });
  assert.deepEqual([(await put("one")).status, (await put("two")).status], [200, 200]);
  const page = await open(own + "/?resource=mine");
  while ((await page.locator("tr[data-key]").count()) < 2) await page.reload();
  assert.match(await page.locator('tr[data-key] td[data-label="Resource"]').first().textContent(), /mine.*pipeline/s);
  await page.locator("tr[data-key] a.open").first().click();
  await page.getByRole("link", { name: "History of the resource" }).click();
  await page.waitForURL(/\/resources\/mine/);
  await page.locator("section", { hasText: "Actions" }).getByRole("link", { name: "pipeline_put", exact: true }).waitFor();
  while ((await page.locator("tr[data-key]").count()) < 1) await page.goto(own + "/resources/%2Fresources%2Fmine");
  await close(page);
});

test("failed logins, by actor, address and time", async () => {
  await looked(site + "/failed-logins", "failed-logins", async (page) => {
    const outcomes = await page.locator('tr[data-key] td[data-label="Outcome"] .v').allTextContents();
    assert.ok(outcomes.length > 5 && outcomes.every((outcome) => outcome === "failure"));
    for (const title of ["Actors", "Addresses"]) assert.ok((await page.locator("section", { hasText: title }).locator("tbody tr").count()) > 1);
    assert.ok((await page.locator(".histogram rect").count()) > 1);
  });
});

test("sources and balance", async () => {
  await looked(site + "/sources", "sources", async (page) => {
    assert.ok((await page.locator(".card").count()) >= 3);
    await page.getByText("Checkpoint").first().click();
    JSON.parse(await page.locator(".card pre").first().textContent());
  });
  await looked(site + "/balance", "balance", async (page) => {
    assert.ok((await page.getByText("even", { exact: true }).count()) >= 4);
  });
});

test("nothing in quarantine, and an empty store", async () => {
  await looked(site + "/quarantine", "quarantine-empty");
  const empty = await sidecar({ sources: [] });
  // Only the first look finds nothing: it is an event itself.
  const page = await open(empty + "/");
  await page.getByRole("heading", { name: "No events yet" }).waitFor();
  await shot(page, "empty");
  await accessible(page);
  await close(page);
  await looked(empty + "/sources", "sources-none");
  await looked(empty + "/balance", "balance-none");
});

/** A cluster that keeps what it takes, refuses some of it, and finds the rest again. */
async function cluster() {
  const kept = [];
  const server = createServer((request, response) => {
    const parts = [];
    request.on("data", (part) => parts.push(part));
    request.on("end", () => {
      const lines = Buffer.concat(parts).toString().split("\n");
      const answer = (value) => {
        response.setHeader("content-type", "application/json");
        response.setHeader("x-elastic-product", "Elasticsearch");
        response.end(JSON.stringify(value));
      };
      if (request.url.startsWith("/_bulk")) {
        const items = [];
        for (let at = 0; at + 1 < lines.length; at += 2) {
          const { create } = JSON.parse(lines[at]);
          const source = JSON.parse(lines[at + 1]);
          const error = { type: "document_parsing_exception", reason: "failed to parse field [user.email]: <b onclick=alert(1)>no</b>" };
          if (source.user?.email === "grace@example.com") items.push({ create: { _id: create._id, status: 400, error } });
          else {
            kept.push({ _index: `.ds-${create._index}-2026.11.01-000001`, _id: create._id, _source: source });
            items.push({ create: { _id: create._id, status: 201 } });
          }
        }
        answer({ errors: true, items });
      } else if (request.url.includes("/_search")) {
        const asked = JSON.parse(lines.join("\n"));
        const ids = asked.query?.ids?.values;
        const found = kept.filter((hit) => !ids || ids.includes(hit._id)).toSorted((a, b) => b._source["@timestamp"].localeCompare(a._source["@timestamp"]));
        const hits = found.map((hit, at) => ({ ...hit, sort: [Date.parse(hit._source["@timestamp"]), hit._id, hit._index, at] }));
        const start = asked.search_after ? asked.search_after[3] + 1 : 0;
        const times = hits.map((hit) => Date.parse(hit._source["@timestamp"]));
        answer({
          hits: { total: { value: hits.length }, hits: hits.slice(start, start + asked.size) },
          aggregations: {
            action: { 0: { values: { buckets: [{ key: "login", doc_count: 3 }] } } },
            edges: { first: { value: Math.min(...times) }, last: { value: Math.max(...times) } },
            time: { buckets: [{ key: Math.floor(Math.min(...times) / 864e5) * 864e5, doc_count: hits.length }] },
          },
        });
      } else answer({ version: { number: "9.1.0" }, tagline: "You Know, for Search" });
    });
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  server.unref();
  return `http://127.0.0.1:${server.address().port}`;
}

const samples = (paths) => [{ type: "files", id: "files", dataset: "cursor.audit", paths }];

test("an output elsewhere: its last events, its quarantine, and what it can not show", async () => {
  const url = await cluster();
  const output = { elasticsearch: { hosts: [url], compression_level: 0 } };
  const fixtures = join(top, "pipelines/cursor.audit/sample.ndjson");
  const sources = [...samples([fixtures]), { type: "cursor_api", id: "unreachable", url: "http://127.0.0.1:9", api_key: "key_0000000000000000000000000000test" }];
  const elsewhere = await sidecar({ sources, output });
  const wait = async (path, words) => {
    const page = await open(elsewhere + path);
    while (!(await page.locator("main").textContent()).match(words)) await page.reload();
    await close(page);
  };
  await wait("/balance", /even/);
  await looked(elsewhere + "/", "elsewhere", async (page) => {
    assert.ok((await page.locator("tr[data-key]").count()) > 10);
    assert.equal(await page.locator(".histogram rect").count(), 1);
  });
  const page = await open(elsewhere + "/");
  await page.locator("tr[data-key] a.open").first().click();
  await page.locator("tr.opened .fields").waitFor();
  await close(page);
  await looked(elsewhere + "/actors/ada%40example.com", "elsewhere-actor", async (page) => {
    await page.getByText("First seen").waitFor();
    await page.getByRole("heading", { name: "Newest events" }).waitFor();
  });
  await looked(elsewhere + "/quarantine", "quarantine", async (page) => {
    assert.ok((await page.locator("tbody tr").count()) > 3);
    assert.match(await page.locator("pre").textContent(), /trailcar quarantine retry --all/);
  });
  await looked(elsewhere + "/quarantine/1", "held", async (page) => {
    assert.match(await page.locator("main").textContent(), /failed to parse field \[user\.email\].*byte \d+/s);
    assert.match(await page.locator("pre").first().textContent(), /trailcar quarantine retry 1/);
    JSON.parse(await page.getByLabel("Raw event").textContent());
  });
  await wait("/sources", /trying again|needs you/);
  await looked(elsewhere + "/sources", "sources-failing", async (page) => {
    assert.match(await page.locator(".trouble").first().textContent(), /127\.0\.0\.1:9/);
  });
});

test("a file as output says where to look", async () => {
  const output = { file: { path: join(folder(), "out.ndjson") } };
  const file = await sidecar({ sources: samples([join(top, "pipelines/cursor.audit/sample.ndjson")]), output });
  for (const path of ["/", "/failed-logins"]) {
    await looked(file + path, path === "/" ? "file" : "file-history", async (page) => page.getByRole("heading", { name: "Not kept here" }).waitFor());
  }
});

test("live: what happens appears, an open event stays open, and a hidden tab asks for nothing", async () => {
  const live = await serve("demo", "--live", "--data-dir", folder(), "--listen", "127.0.0.1:0");
  const page = await open(live + "/");
  while ((await page.locator("tr[data-key]").count()) < 3) await page.reload();
  await page.keyboard.press("l");
  await page.waitForURL(/live=on/);
  const row = page.locator("tr[data-key]").first();
  const key = await row.getAttribute("data-key");
  await row.locator("a.open").click();
  await page.locator("tr.opened").waitFor();
  await page.locator("tr.new").first().waitFor({ timeout: 60_000 });
  assert.equal(await page.locator(`tr[data-key="${key}"] + tr.opened`).count(), 1);
  assert.match(await page.title(), /new/);
  await shot(page, "live");
  await accessible(page);
  // What is hidden asks for nothing; playwright can not hide a tab, so the page is told that it is.
  let asked = 0;
  page.on("request", () => { asked += 1; });
  await page.evaluate(() => {
    Object.defineProperty(document, "hidden", { get: () => globalThis.away ?? true });
    document.dispatchEvent(new Event("visibilitychange"));
  });
  await page.waitForTimeout(5_000);
  assert.ok(asked <= 1, `${asked} requests of a hidden tab`);
  await page.evaluate(() => { globalThis.away = false; document.dispatchEvent(new Event("visibilitychange")); });
  await page.waitForRequest((request) => request.url().includes("live=on"));
  await page.keyboard.press("l");
  await page.waitForURL((url) => !url.search.includes("live"));
  await close(page);
});

test("hostile texts that were imported do nothing in a browser", async () => {
  const texts = [
    "<script>alert(1)</script>", "\"'><img src=x onerror=alert(2)>", "</pre></title><svg onload=alert(3)>", "javascript:alert(4)",
    "'; DROP TABLE event; --", "=HYPERLINK(\"http://example.com\",\"x\")", "\u202egnp.exe", "{{7*7}}",
  ];
  const file = join(folder(), "hostile.ndjson");
  const event = (text, at) => ({
    event_id: `${text} ${at}`, timestamp: new Date(Date.UTC(2026, 9, 1, at)).toISOString(), ip_address: text, user_email: text, event_type: text,
    event_data: { [text]: text, old_value: text, new_value: `${text}!`, setting_name: text, email: text },
  });
  writeFileSync(file, texts.map((text, at) => JSON.stringify(event(text, at))).join("\n") + "\n");
  const hostile = await sidecar({ sources: [] }, ["import", "--dataset", "cursor.audit", file]);
  const page = await open(hostile + "/?dataset=cursor.audit");
  assert.ok((await page.locator("tr[data-key]").count()) >= texts.length);
  const elements = await page.locator("main script, main img, main svg[onload]").count();
  assert.equal(elements, 0);
  for (let at = 0; at < texts.length; at += 1) {
    await page.locator("tr[data-key] a.open").nth(at).click();
    await page.locator("tr.opened").nth(at).waitFor();
  }
  assert.equal(await page.locator("main script, main img, main svg[onload], main a[href^=javascript]").count(), 0);
  await shot(page, "hostile");
  const paths = await page.locator("main a").evaluateAll((all) => [...new Set(all.map((link) => link.getAttribute("href")))]);
  for (const path of paths.filter((path) => /^\/(\?|actors|resources|events)/.test(path)).slice(0, 80)) {
    await page.goto(hostile + path);
    assert.equal(await page.locator("main script, main img, main svg[onload]").count(), 0, path);
  }
  page.problems = page.problems.filter((problem) => !problem.includes("status of 4"));
  await close(page);
});
