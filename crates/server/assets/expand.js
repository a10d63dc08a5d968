// Opens an event below its row. Without this the row's link leads to the event's own page.
import { localize } from "./times.js";

const opened = (row) => row.nextElementSibling?.classList.contains("opened") ? row.nextElementSibling : null;

async function open(link, row) {
  const answer = await fetch(link.href);
  if (!answer.ok) throw new Error(answer.statusText);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const event = document.adoptNode(page.getElementById("event"));
  event.removeAttribute("id");
  // The row has said it, and headings would stand in the middle of a table.
  event.querySelector("h1").remove();
  for (const heading of event.querySelectorAll("h2")) {
    const label = document.createElement("p");
    label.className = "quiet";
    label.textContent = heading.textContent;
    heading.replaceWith(label);
  }
  localize(event);
  if (opened(row)) return;
  const cell = document.createElement("td");
  cell.colSpan = row.cells.length;
  cell.append(event);
  const below = document.createElement("tr");
  below.className = "opened";
  below.append(cell);
  row.after(below);
}

/** Opens a row's event, or closes it. */
export function toggle(row) {
  const link = row.querySelector("a.open");
  const below = opened(row);
  link.setAttribute("aria-expanded", String(!below));
  if (below) below.remove();
  else open(link, row).catch(() => { location.href = link.href; });
}

export function expand() {
  for (const table of document.querySelectorAll("table.events")) {
    table.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
      const row = event.target.closest("tr[data-key]");
      const link = event.target.closest("a, button, summary");
      if (!row || (link && !link.matches("a.open")) || String(getSelection())) return;
      event.preventDefault();
      toggle(row);
    });
  }
}
