// Opens an event below its row. Without this the row's link leads to the event's own page.
"use strict";

async function open(link, row) {
  const answer = await fetch(link.href);
  if (!answer.ok) throw new Error(answer.statusText);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const cell = document.createElement("td");
  cell.colSpan = row.cells.length;
  cell.append(document.adoptNode(page.getElementById("document")));
  const below = document.createElement("tr");
  below.className = "opened";
  below.append(cell);
  row.after(below);
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("a.open");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
  event.preventDefault();
  const row = link.closest("tr");
  const below = row.nextElementSibling;
  if (below && below.classList.contains("opened")) {
    below.remove();
    link.setAttribute("aria-expanded", "false");
    return;
  }
  link.setAttribute("aria-expanded", "true");
  open(link, row).catch(() => { location.href = link.href; });
});

// Times are of use only with "From – to".
for (const input of document.querySelectorAll('form.search input[type="datetime-local"]')) {
  input.addEventListener("input", () => { input.form.elements.range.value = "custom"; });
}
const form = document.querySelector("form.search");
if (form) {
  form.addEventListener("submit", () => {
    for (const field of form.elements) {
      if (field.name && (field.value === "" || (field.name === "range" && ["all", "custom"].includes(field.value)))) field.disabled = true;
    }
  });
  form.elements.range.addEventListener("change", () => {
    if (form.elements.range.value === "custom") return;
    form.elements.from.value = form.elements.to.value = "";
    form.requestSubmit();
  });
}
