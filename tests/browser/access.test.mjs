// Logs in and out in a real Chromium: a sidecar with users, over the sample events. Screenshots go to tests/artefacts.
import assert from "node:assert/strict";
import { join } from "node:path";
import { before, test } from "node:test";
import { accessible, close, fits, open, place, shot as picture, top } from "./site.mjs";

const tokens = {};
let trailcar, site;

before(async () => {
  trailcar = place({ sources: [] });
  trailcar.run("import", "--dataset", "promptfoo.audit", join(top, "pipelines/promptfoo.audit/sample.ndjson"));
  for (const [name, role] of [["olga", "owner"], ["adam", "admin"], ["mia", "member"]]) {
    tokens[name] = trailcar.run("user", "add", name, "--role", role).trim();
  }
  site = await trailcar.start();
});

const shot = (page, name) => picture(page, `access-${name}`);

/** Ends with a page, of which some requests were refused. */
async function leave(page) {
  page.problems = page.problems.filter((problem) => !/status of 40[13]/.test(problem));
  await close(page);
}

async function logIn(page, name, token = tokens[name]) {
  await page.getByLabel("Name").fill(name);
  await page.getByLabel("Token").fill(token);
  await page.getByRole("button", { name: "Log in" }).click();
}

for (const javaScriptEnabled of [true, false]) {
  test(`an admin logs in, comes back to where they were, and logs out, ${javaScriptEnabled ? "with" : "without"} JavaScript`, async () => {
    const own = await open(`${site}/?action=login`, { javaScriptEnabled });
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
    await leave(own);
  });
}

test("a wrong token gets a sentence, and the name stays", async () => {
  const own = await open(`${site}/login`, { colorScheme: "dark" });
  await logIn(own, "adam", "tc_wrong");
  assert.match(await own.getByRole("alert").innerText(), /do not belong together/);
  assert.equal(await own.getByLabel("Name").inputValue(), "adam");
  assert.equal(await own.getByLabel("Token").inputValue(), "");
  await shot(own, "wrong-token-dark");
  await accessible(own);
  await leave(own);
});

test("a member sees whom to ask, also on a telephone", async () => {
  const own = await open(`${site}/login`, { viewport: { width: 390, height: 844 } });
  await logIn(own, "mia");
  assert.match(await own.locator("main").innerText(), /neither sees nor exports.*olga/s);
  assert.equal(await own.locator("tbody").count(), 0);
  await shot(own, "member-phone");
  await accessible(own);
  await fits(own);
  await leave(own);
});

test("a link on another site leads on for who is logged in", async () => {
  const own = await open(`${site}/login`);
  await logIn(own, "olga");
  await own.route("http://elsewhere.example/", (route) => route.fulfill({ contentType: "text/html", body: `<a href="${site}/?action=login">events</a>` }));
  await own.goto("http://elsewhere.example/");
  await own.getByRole("link", { name: "events" }).click();
  await own.locator("tbody tr").first().waitFor();
  assert.equal(own.url(), `${site}/?action=login`);
  await leave(own);
});

test("a page of another site can not log out", async () => {
  const own = await open(`${site}/login`);
  await logIn(own, "olga");
  await own.route("http://elsewhere.example/", (route) => route.fulfill({ contentType: "text/html", body: `<form method="post" action="${site}/logout"><button>go</button></form>` }));
  await own.goto("http://elsewhere.example/");
  await own.getByRole("button").click();
  await own.getByText("page of another site").waitFor();
  await own.goto(site);
  assert.match(await own.locator("header").innerText(), /olga \(owner\)/);
  await leave(own);
});

test("a session ends with the token that began it", async () => {
  const own = await open(`${site}/login`);
  await logIn(own, "adam");
  assert.match(await own.locator("header").innerText(), /adam/);
  tokens.adam = trailcar.run("user", "rotate", "adam").trim();
  await own.goto(site);
  assert.equal(new URL(own.url()).pathname, "/login");
  await logIn(own, "adam");
  await own.getByRole("link", { name: "adam (admin)" }).click();
  assert.match(await own.locator("main").innerText(), /ask for a login/);
  await shot(own, "access");
  await accessible(own);
  await leave(own);
});
