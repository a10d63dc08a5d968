// Dragging over the bars chooses their times. Without this each bar is a link to its own.
export function drag() {
  for (const figure of document.querySelectorAll("figure.histogram")) new Drag(figure);
}

class Drag {
  constructor(figure) {
    this.figure = figure;
    figure.addEventListener("pointerdown", (event) => this.begin(event));
    // A drag is no click on the bar that it began at, nor does it drag the link itself.
    figure.addEventListener("click", (event) => this.moved && event.preventDefault());
    figure.addEventListener("dragstart", (event) => event.preventDefault());
    document.addEventListener("keydown", (event) => event.key === "Escape" && this.end());
  }

  // The bars may have been renewed meanwhile.
  get box() { return this.figure.querySelector("svg").getBoundingClientRect(); }
  number(name) { return Number(this.figure.dataset[name]); }

  /** The bar at a place on the screen. */
  bar(x) {
    const [box, count] = [this.box, this.number("count")];
    return Math.min(Math.max(Math.floor(((x - box.left) / box.width) * count), 0), count - 1);
  }

  begin(event) {
    if (event.button !== 0 || event.pointerType === "touch" || !event.target.closest("svg")) return;
    this.moved = false;
    this.from = this.bar(event.clientX);
    this.x = event.clientX;
    this.move = (event) => this.show(event);
    this.up = (event) => this.take(event);
    document.addEventListener("pointermove", this.move);
    document.addEventListener("pointerup", this.up);
  }

  show(event) {
    if (!this.moved && Math.abs(event.clientX - this.x) < 5) return;
    this.moved = true;
    const [first, last] = [this.from, this.bar(event.clientX)].sort((a, b) => a - b);
    if (!this.picked) {
      this.picked = document.createElement("div");
      this.picked.className = "picked";
      this.figure.append(this.picked);
    }
    const width = this.box.width / this.number("count");
    this.picked.style.left = `${first * width}px`;
    this.picked.style.width = `${(last - first + 1) * width}px`;
  }

  take(event) {
    const [first, last] = [this.from, this.bar(event.clientX)].sort((a, b) => a - b);
    const chosen = this.moved;
    this.end();
    if (!chosen) return;
    this.moved = true;
    const time = (bar) => new Date((this.number("start") + bar * this.number("width")) * 1000).toISOString().replace(".000Z", "Z");
    const target = new URL(this.figure.dataset.href, location.href);
    target.searchParams.set("from", time(first));
    target.searchParams.set("to", time(last + 1));
    location.href = target.href;
  }

  end() {
    document.removeEventListener("pointermove", this.move);
    document.removeEventListener("pointerup", this.up);
    this.picked?.remove();
    this.picked = undefined;
    this.moved = false;
  }
}
