// A sidecar and a browser for tests: started, driven, looked at, ended.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after } from "node:test";
import { chromium } from "playwright-core";

export const top = new URL("../..", import.meta.url).pathname;
const artefacts = process.env.TRAILCAR_TEST_ARTEFACTS ?? join(top, "tests/artefacts");
const binary = process.env.TRAILCAR_BINARY ?? join(process.env.CARGO_TARGET_DIR ?? join(top, "target"), "debug/trailcar");
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const executablePath = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(existsSync);
mkdirSync(artefacts, { recursive: true });

const ends = [];
after(async () => { for (const end of ends.reverse()) await end(); });

/** A folder for as long as the tests run. */
export function folder() {
  const path = mkdtempSync(join(tmpdir(), "trailcar-browser-"));
  ends.push(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** Starts a command that serves, and reads its address from what it says. */
export async function serve(...command) {
  const child = spawn(binary, command, { stdio: ["ignore", "pipe", "pipe"] });
  ends.push(() => new Promise((done) => { child.once("exit", done); child.kill(); }));
  const said = [];
  return new Promise((found, failed) => {
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on("line", (line) => {
        said.push(line);
        const address = line.match(/(?:http:\/\/|serving.*address=)(127\.0\.0\.1:\d+)/);
        if (address) found(`http://${address[1]}`);
      });
    }
    child.once("exit", () => failed(new Error(`it ended without an address:\n${said.join("\n")}`)));
  });
}

/** A configuration in a folder of its own: `run` gives what a command prints, `start` the address of its sidecar. */
export function place(config) {
  const directory = folder();
  const path = join(directory, "trailcar.yml");
  writeFileSync(path, JSON.stringify({ data_dir: join(directory, "data"), server: { listen: "127.0.0.1:0" }, ...config }));
  return {
    run: (...command) => execFileSync(binary, [...command, "--config", path], { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] }),
    start: () => serve("run", "--config", path),
  };
}

/** A sidecar with a configuration; `before` are commands to run first. */
export async function sidecar(config, ...before) {
  const own = place(config);
  for (const command of before) own.run(...command);
  return own.start();
}

let started;
async function browser() {
  assert.ok(executablePath, "no Chromium: apt-get install chromium");
  started ??= chromium.launch({
    executablePath,
    args: ["--no-sandbox", "--disable-quic", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
  }).then((browser) => { ends.push(() => browser.close()); return browser; });
  return started;
}

/** A page whose own errors fail the test. */
export async function open(url, options = {}) {
  const context = await (await browser()).newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  page.problems = [];
  page.on("pageerror", (error) => page.problems.push(String(error)));
  page.on("console", (message) => message.type() === "error" && page.problems.push(message.text()));
  page.on("dialog", (dialog) => { page.problems.push(`a dialog: ${dialog.message()}`); dialog.dismiss(); });
  await page.goto(url);
  return page;
}

export async function close(page) {
  assert.deepEqual(page.problems, []);
  await page.context().close();
}

export const shot = (page, name) => page.screenshot({ path: join(artefacts, `viewer-${name}.png`), fullPage: true });

/** WCAG A and AA, as far as a program can tell. */
export async function accessible(page) {
  // The policy of the pages lets no foreign script in; the checker is evaluated by the browser's driver.
  await page.evaluate(axe);
  const result = await page.evaluate(() => globalThis.axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"] }));
  assert.deepEqual(result.violations.map((found) => `${found.id}: ${found.nodes.map((node) => node.html).slice(0, 3).join(" ")}`), []);
}

/** Nothing is wider than the window. */
export async function fits(page) {
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert.ok(overflow <= 0, `${page.url()} is ${overflow} pixels wider than the window`);
}

/** Looks at a page in light, dark and on a phone: it fits, can be used by all, and its picture is kept. */
export async function looked(url, name, prepare = async () => {}) {
  for (const [kind, options] of Object.entries({
    light: {},
    dark: { colorScheme: "dark" },
    phone: { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true },
  })) {
    const page = await open(url, options);
    await prepare(page, kind);
    await fits(page);
    await shot(page, `${name}-${kind}`);
    await accessible(page);
    await close(page);
  }
}
