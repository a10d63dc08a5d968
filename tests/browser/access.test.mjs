// Logs in and out in a real Chromium: a sidecar with users, over the sample events. Screenshots go to tests/artefacts.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
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

let sidecar, directory, browser, site;
const tokens = {};

const trailcar = (...command) => execFileSync(binary, command, { cwd: directory, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });

before(async () => {
  assert.ok(executablePath, "no Chromium: apt-get install chromium");
  mkdirSync(artefacts, { recursive: true });
  directory = mkdtempSync(join(tmpdir(), "trailcar-access-"));
  const config = "server: {listen: '127.0.0.1:0'}\nlogging: {format: ecs_json}\n";
  writeFileSync(join(directory, "trailcar.yml"), config);
  trailcar("import", "--dataset", "promptfoo.audit", join(top, "pipelines/promptfoo.audit/sample.ndjson"));
  for (const [name, role] of [["olga", "owner"], ["adam", "admin"], ["mia", "member"]]) {
    tokens[name] = trailcar("user", "add", name, "--role", role).trim();
  }
  sidecar = spawn(binary, ["run"], { cwd: directory, stdio: ["ignore", "ignore", "pipe"] });
  for await (const line of createInterface({ input: sidecar.stderr })) {
    const found = line.includes('"serving"') && line.match(/127\.0\.0\.1:\d+/);
    if (found) {
      sidecar.stderr.resume();
      site = `http://${found[0]}`;
      break;
    }
  }
  browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-quic", "--disable-background-networking"] });
});

after(async () => {
  await browser?.close();
  sidecar?.kill();
  rmSync(directory, { recursive: true, force: true });
});

async function page(options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  return context.newPage();
}

async function logIn(page, name, token = tokens[name]) {
  await page.getByLabel("Name").fill(name);
  await page.getByLabel("Token").fill(token);
  await page.getByRole("button", { name: "Log in" }).click();
}

/** WCAG A and AA, as far as a program can tell. */
async function accessible(page) {
  await page.evaluate(axe);
  const result = await page.evaluate(() => globalThis.axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"] }));
  assert.deepEqual(result.violations.map((found) => `${found.id}: ${found.nodes.map((node) => node.html).slice(0, 3).join(" ")}`), []);
}

const shot = (page, name) => page.screenshot({ path: join(artefacts, `access-${name}.png`), fullPage: true });

for (const javaScriptEnabled of [true, false]) {
  test(`an admin logs in, comes back to where they were, and logs out, ${javaScriptEnabled ? "with" : "without"} JavaScript`, async () => {
    const own = await page({ javaScriptEnabled });
    await own.goto(`${site}/?action=login`);
    assert.equal(new URL(own.url()).pathname, "/login");
    if (javaScriptEnabled) {
      await shot(own, "login");
      await accessible(own);
    }
    await logIn(own, "adam");
    assert.equal(own.url(), `${site}/?action=login`);
    assert.ok((await own.locator("tbody tr").count()) > 3);
    assert.match(await own.locator("header").innerText(), /adam \(admin\)/);
    const [cookie] = await own.context().cookies();
    assert.ok(cookie.httpOnly && cookie.sameSite === "Strict" && !cookie.value.includes(tokens.adam));
    if (javaScriptEnabled) {
      await shot(own, "logged-in");
      await accessible(own);
    }
    await own.getByRole("button", { name: "Log out" }).click();
    assert.equal(new URL(own.url()).pathname, "/login");
    await own.goto(site);
    assert.equal(new URL(own.url()).pathname, "/login");
    await own.context().close();
  });
}

test("a wrong token gets a sentence, and the name stays", async () => {
  const own = await page({ colorScheme: "dark" });
  await own.goto(`${site}/login`);
  await logIn(own, "adam", "tc_wrong");
  assert.match(await own.getByRole("alert").innerText(), /do not belong together/);
  assert.equal(await own.getByLabel("Name").inputValue(), "adam");
  assert.equal(await own.getByLabel("Token").inputValue(), "");
  await shot(own, "wrong-token-dark");
  await accessible(own);
  await own.context().close();
});

test("a member sees whom to ask, also on a telephone", async () => {
  const own = await page({ viewport: { width: 390, height: 844 } });
  await own.goto(`${site}/login`);
  await logIn(own, "mia");
  assert.match(await own.locator("main").innerText(), /neither sees nor exports.*olga/s);
  assert.equal(await own.locator("tbody").count(), 0);
  await shot(own, "member-phone");
  await accessible(own);
  const wide = await own.evaluate(() => document.documentElement.scrollWidth);
  assert.ok(wide <= 390, `${wide} wide`);
  await own.context().close();
});

test("a link on another site leads on for who is logged in", async () => {
  const own = await page();
  await own.goto(`${site}/login`);
  await logIn(own, "olga");
  await own.route("http://elsewhere.example/", (route) => route.fulfill({ contentType: "text/html", body: `<a href="${site}/?action=login">events</a>` }));
  await own.goto("http://elsewhere.example/");
  await own.getByRole("link", { name: "events" }).click();
  await own.locator("tbody tr").first().waitFor();
  assert.equal(own.url(), `${site}/?action=login`);
  await own.context().close();
});

test("a page of another site can not log out", async () => {
  const own = await page();
  await own.goto(`${site}/login`);
  await logIn(own, "olga");
  await own.route("http://elsewhere.example/", (route) => route.fulfill({ contentType: "text/html", body: `<form method="post" action="${site}/logout"><button>go</button></form>` }));
  await own.goto("http://elsewhere.example/");
  await own.getByRole("button").click();
  await own.getByText("page of another site").waitFor();
  await own.goto(site);
  assert.match(await own.locator("header").innerText(), /olga \(owner\)/);
  await own.context().close();
});

test("a session ends with the token that began it", async () => {
  const own = await page();
  await own.goto(`${site}/login`);
  await logIn(own, "adam");
  assert.match(await own.locator("header").innerText(), /adam/);
  tokens.adam = trailcar("user", "rotate", "adam").trim();
  await own.goto(site);
  assert.equal(new URL(own.url()).pathname, "/login");
  await logIn(own, "adam");
  await own.getByRole("link", { name: "adam (admin)" }).click();
  assert.match(await own.locator("main").innerText(), /ask for a login/);
  await shot(own, "access");
  await accessible(own);
  await own.context().close();
});
