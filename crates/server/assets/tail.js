// Live tail: asks for the page again while it is looked at, and takes over what is new. Rows that are open stay open.
import { localize } from "./times.js";

const EVERY = 2_000;
const LONGEST = 60_000;

export function tail() {
  const link = document.querySelector("a.live");
  if (!link) return;
  link.hidden = false;
  if (link.classList.contains("on")) new Tail(link).wait(EVERY);
}

class Tail {
  constructor(link) {
    this.link = link;
    this.pause = EVERY;
    // Nobody looks at a hidden tab: it asks again when it is shown.
    document.addEventListener("visibilitychange", () => document.hidden ? clearTimeout(this.timer) : this.wait(0));
  }

  wait(time) {
    clearTimeout(this.timer);
    if (!document.hidden) this.timer = setTimeout(() => this.ask(), time);
  }

  async ask() {
    if (this.asking) return;
    this.asking = true;
    try {
      const headers = this.tag ? { "If-None-Match": this.tag } : {};
      const answer = await fetch(location.href, { headers, cache: "no-store", signal: AbortSignal.timeout(20_000) });
      if (answer.status !== 304) {
        if (!answer.ok) throw new Error(answer.statusText);
        this.take(new DOMParser().parseFromString(await answer.text(), "text/html"));
        this.tag = answer.headers.get("etag");
      }
      this.pause = EVERY;
      this.link.classList.remove("off");
      this.link.title = "";
    } catch (error) {
      this.pause = Math.min(this.pause * 2, LONGEST);
      this.link.classList.add("off");
      this.link.title = `No answer (${error.message}); it is tried again.`;
    }
    this.asking = false;
    this.wait(this.pause);
  }

  take(page) {
    const [own, other] = [document, page].map((part) => part.querySelector("table.events tbody"));
    if (!own || !other) {
      if (Boolean(own) !== Boolean(other)) location.reload();
      return;
    }
    localize(other);
    const known = new Map([...own.querySelectorAll("tr[data-key]")].map((row) => [row.dataset.key, row]));
    let fresh = 0;
    const rows = [...other.rows].flatMap((row) => {
      const old = known.get(row.dataset.key);
      if (old) {
        const below = old.nextElementSibling;
        return below?.classList.contains("opened") ? [old, below] : [old];
      }
      fresh += 1;
      row.classList.add("new");
      return [row];
    });
    // Moving a row takes its focus away, so what need not move stays.
    const focus = document.activeElement;
    own.replaceChildren(...rows);
    if (own.contains(focus)) focus.focus({ preventScroll: true });
    for (const part of [".total", "aside", "figure.histogram", ".failing"]) {
      const [old, fresh] = [document, page].map((where) => where.querySelector(part));
      if (old && fresh && !old.contains(document.activeElement) && !old.querySelector(".picked")) {
        if (part === "figure.histogram") Object.assign(old.dataset, fresh.dataset);
        old.replaceChildren(...fresh.childNodes);
      }
    }
    if (fresh > 0) document.title = document.title.replace(/^(\(\d+ new\) )?/, `(${fresh} new) `);
  }
}
