// Placing rooms and devices on a plan by mouse, finger or keys. What counts are the numbers in the form; this moves them.
const STEP = 1;
const FINE = 0.1;
const LEAST = 1;
const FRESH = { rooms: [12, 10], devices: [0, 0] };
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const texts = JSON.parse(document.getElementById("plan-texts").textContent);
const say = (key, values) => texts[key].replace(/\{(\w+)\}/g, (_, name) => values[name]);
const hold = (value, least, most) => Math.min(Math.max(value, least), Math.max(least, most));
const paper = document.getElementById("plan-paper");
const left = document.getElementById("plan-left");

/** One room or device: a line of the form, a box or a point on the plan while it is placed. */
class Thing {
  constructor(line) {
    this.line = line;
    this.kind = line.dataset.room === undefined ? "devices" : "rooms";
    this.name = line.dataset.name;
    this.fields = [...line.querySelectorAll("input:not([type=hidden])")];
    this.box = document.createElement("button");
    this.box.type = "button";
    this.box.className = this.kind === "rooms" ? "plan-box" : "plan-point";
    if (this.kind === "rooms") this.box.append(Object.assign(document.createElement("span"), { textContent: this.name }));
    else this.box.title = this.name;
    this.box.setAttribute("aria-label", this.name);
    this.box.setAttribute("aria-describedby", "plan-help");
    if (this.kind === "rooms") this.box.append(Object.assign(document.createElement("i"), { className: "plan-grip" }));
    this.box.addEventListener("keydown", (event) => this.key(event));
    this.box.addEventListener("pointerdown", (event) => this.drag(event));
    this.box.addEventListener("focus", () => announce(this));
    for (const field of this.fields) field.addEventListener("change", () => this.show());
    this.show();
  }

  get placed() {
    return this.fields.every((field) => field.value.trim() !== "" && Number.isFinite(Number(field.value)));
  }

  get at() {
    const [x, y, width = 0, height = 0] = this.fields.map((field) => Number(field.value));
    return { x, y, width, height };
  }

  put({ x, y, width, height }) {
    const wide = this.kind === "rooms" ? hold(width, LEAST, 100) : 0;
    const high = this.kind === "rooms" ? hold(height, LEAST, 100) : 0;
    const values = [hold(x, 0, 100 - wide), hold(y, 0, 100 - high), wide, high];
    this.fields.forEach((field, place) => (field.value = String(Math.round(values[place] * 100) / 100)));
    changed();
    this.show();
  }

  take() {
    for (const field of this.fields) field.value = "";
    changed();
    this.show();
  }

  show() {
    const was = this.box.isConnected;
    if (this.placed) {
      const { x, y, width, height } = this.at;
      for (const [name, value] of Object.entries({ x, y, w: width, h: height })) this.box.style.setProperty(`--${name}`, `${value}%`);
      if (!this.box.isConnected) paper.append(this.box);
    } else {
      this.box.remove();
    }
    if (this.box.isConnected !== was) listLeft();
  }

  key(event) {
    if (event.key === "Delete" || event.key === "Backspace") {
      event.preventDefault();
      this.take();
      status.textContent = say("off", { name: this.name });
      left.querySelector(`[data-key="${this.number}"]`)?.focus();
      return;
    }
    const arrow = ARROWS[event.key];
    if (!arrow || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const by = event.altKey ? FINE : STEP;
    const { x, y, width, height } = this.at;
    if (event.shiftKey && this.kind === "rooms") {
      this.put({ x, y, width: hold(width + arrow[0] * by, LEAST, 100 - x), height: hold(height + arrow[1] * by, LEAST, 100 - y) });
    } else {
      this.put({ x: x + arrow[0] * by, y: y + arrow[1] * by, width, height });
    }
    announce(this);
  }

  drag(event) {
    if (event.button) return;
    const { x, y, width, height } = this.at;
    const resize = event.target.classList.contains("plan-grip");
    const area = paper.getBoundingClientRect();
    const move = (moved) => {
      const dx = ((moved.clientX - event.clientX) / area.width) * 100;
      const dy = ((moved.clientY - event.clientY) / area.height) * 100;
      if (resize) this.put({ x, y, width: hold(width + dx, LEAST, 100 - x), height: hold(height + dy, LEAST, 100 - y) });
      else this.put({ x: x + dx, y: y + dy, width, height });
    };
    const end = () => {
      this.box.removeEventListener("pointermove", move);
      announce(this);
    };
    this.box.setPointerCapture(event.pointerId);
    this.box.addEventListener("pointermove", move);
    this.box.addEventListener("lostpointercapture", end, { once: true });
  }

  /** By which its button is found among the things that are not placed. */
  get number() {
    return things.indexOf(this);
  }
}

const status = document.getElementById("plan-at");
const form = document.getElementById("plan-form");
let shown = "rooms";
let dirty = false;
const things = [];
for (const line of document.querySelectorAll("#plan-numbers tr[data-name]")) things.push(new Thing(line));

function announce(thing) {
  const { x, y, width, height } = thing.at;
  const round = (value) => `${Math.round(value * 10) / 10}%`;
  const key = thing.kind === "rooms" ? "room" : "device";
  const said = say(key, { name: thing.name, left: round(x), top: round(y), width: round(width), height: round(height) });
  status.textContent = dirty ? `${said} · ${texts.unsaved}` : said;
}

/** Where something goes at first: a device into its room, a room where none is yet. */
function firstPlace(thing) {
  const [width, height] = FRESH[thing.kind];
  if (thing.kind === "devices") {
    const room = things.find((one) => one.line.dataset.room === thing.line.dataset.of && one.placed)?.at;
    const own = things.filter((one) => one.line.dataset.of === thing.line.dataset.of);
    const share = (own.indexOf(thing) + 1) / (own.length + 1);
    return room ? { x: room.x + room.width * share, y: room.y + room.height * 0.9 } : { x: 50, y: 50 };
  }
  const taken = things.filter((one) => one.kind === "rooms" && one.placed).map((one) => one.at);
  const free = (x, y) => taken.every((one) => x >= one.x + one.width || x + width <= one.x || y >= one.y + one.height || y + height <= one.y);
  for (let y = 2; y + height <= 100; y += 4) for (let x = 2; x + width <= 100; x += 4) if (free(x, y)) return { x, y, width, height };
  return { x: 44, y: 45, width, height };
}

function place(thing) {
  thing.put(firstPlace(thing));
  thing.box.focus();
}

function listLeft() {
  if (things.length === 0) return;
  const wanted = things.filter((thing) => thing.kind === shown && !thing.placed);
  left.replaceChildren(
    ...wanted.map((thing) => {
      const button = Object.assign(document.createElement("button"), { type: "button", textContent: `+ ${thing.name}` });
      button.dataset.key = String(thing.number);
      button.setAttribute("aria-label", say("place", { name: thing.name }));
      button.addEventListener("click", () => place(thing));
      return button;
    }),
  );
  document.getElementById("plan-left-count").textContent = wanted.length ? String(wanted.length) : "";
  document.getElementById("plan-left-none").hidden = wanted.length > 0;
  document.getElementById("plan-all").hidden = shown !== "devices" || wanted.length === 0;
}

function choose(kind) {
  shown = kind;
  paper.dataset.show = kind;
  for (const button of document.querySelectorAll("[data-show][type=button]")) {
    button.setAttribute("aria-pressed", String(button.dataset.show === kind));
  }
  for (const thing of things) thing.box.tabIndex = thing.kind === kind ? 0 : -1;
  listLeft();
}

function changed() {
  dirty = true;
}

for (const button of document.querySelectorAll("[data-show][type=button]")) button.addEventListener("click", () => choose(button.dataset.show));
document.getElementById("plan-all").addEventListener("click", () => {
  const rooms = new Set(things.filter((one) => one.kind === "rooms" && one.placed).map((one) => one.line.dataset.room));
  for (const thing of things) {
    if (thing.kind === "devices" && !thing.placed && rooms.has(thing.line.dataset.of)) thing.put(firstPlace(thing));
  }
});
form.addEventListener("submit", () => (dirty = false));
addEventListener("beforeunload", (event) => dirty && event.preventDefault());
for (const ghost of paper.querySelectorAll(".plan-ghost")) {
  for (const [name, value] of Object.entries(ghost.dataset)) ghost.style.setProperty(`--${name}`, `${Number(value) * 100}%`);
}
document.getElementById("plan-edit").hidden = false;
document.getElementById("plan-numbers").open = false;
choose("rooms");
