// Times are written in UTC; where the mouse rests, in the reader's own zone as well.
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
const local = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "long" });

export function localize(part) {
  for (const time of part.querySelectorAll("time[datetime]")) {
    const at = new Date(time.dateTime);
    if (!Number.isNaN(at.getTime())) time.title = `${time.dateTime}\n${local.format(at)} (${zone})`;
  }
}

// A form sends only what was filled in.
for (const form of document.querySelectorAll("form.range, form.search")) {
  form.addEventListener("submit", () => {
    for (const field of form.elements) if (field.name && field.value === "") field.disabled = true;
  });
}
