// The keyboard: every key has a link or a button that does the same.
import { toggle } from "./expand.js";

const rows = () => [...document.querySelectorAll("table.events tr[data-key]")];

function move(by) {
  const all = rows();
  if (all.length === 0) return;
  const at = all.findIndex((row) => row.classList.contains("at"));
  const next = all[Math.min(Math.max(at === -1 && by < 0 ? 0 : at + by, 0), all.length - 1)];
  all[at]?.classList.remove("at");
  next.classList.add("at");
  next.querySelector("a.open").focus({ preventScroll: true });
  next.scrollIntoView({ block: "nearest" });
}

const go = (selector) => document.querySelector(selector)?.click();
const current = () => document.querySelector("tr.at");

const actions = {
  "/": () => document.querySelector('input[type="search"]')?.select(),
  "?": () => document.getElementById("help").showModal(),
  j: () => move(1),
  k: () => move(-1),
  Enter: () => current() && toggle(current()),
  o: () => { if (current()) location.href = current().querySelector("a.open").href; },
  n: () => go('.pages a[rel="next"]'),
  p: () => go('.pages a[rel="prev"]'),
  l: () => go("a.live"),
};

export function keys() {
  const help = document.querySelector("[data-help]");
  help.hidden = false;
  help.addEventListener("click", actions["?"]);
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    const typing = event.target.matches("input, select, textarea");
    if (event.key === "Escape" && typing) return event.target.blur();
    const action = actions[event.key];
    // Enter belongs to whatever link or button has the focus, but for the row that the keys have come to.
    const own = event.key === "Enter" && event.target.closest("a, button, summary") && !event.target.closest("tr.at a.open");
    if (typing || !action || own) return;
    event.preventDefault();
    action();
  });
}
