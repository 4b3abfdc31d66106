// page.js - puts the parts together: where the events come from, the keys and the buttons.
"use strict";

const QUEUE_MAX = 100000; // lines that wait to be drawn, or for the end of a pause
const A_FRAME = 4000;     // lines that are taken in for one drawing
const PANELS_MS = 200;    // between two drawings of the panels
const AGAIN_MS = 2000;    // until the server is asked again
const SCALES = [0.7, 0.8, 0.9, 1, 1.15, 1.3, 1.5, 1.75, 2, 2.5];

const model = new Model();
const details = new DetailPanel();
const diagram = new Diagram(model, (row) => chooseRow(row));
const doorPanel = new DoorPanel(model, (door) => chooseDoor(door));
const linkPanel = new LinkPanel(model, (packet) => choosePacket(packet));
const page = {
  queue: [],
  paused: false,
  wanted: false,
  lost: 0,
  panelsAt: 0,
  filter: "",
  source: null,
  scale: SCALES.indexOf(1),
  isReport: false,
};

function byId(id) {
  return document.getElementById(id);
}

// --- what is said of the whole ---

function showScene(scene) {
  const parts = [scene.transport, scene.framing && "framing " + scene.framing, scene.transform];

  byId("title").textContent = shownText(scene.title ?? scene.lab ?? "protolab");
  byId("scene").textContent =
    [scene.title && scene.lab, ...parts].filter(Boolean).map((part) => shownText(part)).join(" · ");
  if (page.isReport)
    showState("ended", "Report, " + dateText(scene.time).replace(/:[0-9.]+ UTC/, " UTC"));
  document.title = shownText(scene.lab ?? "protolab") + " – protolab";
}

function showState(name, text) {
  const state = byId("state");

  page.state = name;
  state.className = name;
  if (state.textContent !== text)
    state.textContent = text;
}

function showCount() {
  const parts = [countOf(model.events, "event")];
  const rows = model.rows.length;

  if (diagram.filtered)
    parts.push("showing " + diagram.shown.length.toLocaleString("en") + " of "
               + countOf(rows, "line"));
  if (model.base > 0)
    parts.push("the oldest " + countOf(model.base, "line") + " are no longer kept");
  if (model.skipped > 0)
    parts.push(countOf(model.skipped, "event") + " missing");
  if (page.paused && page.queue.length > 0)
    parts.push(countOf(page.queue.length, "event") + " since the pause");
  byId("count").textContent = parts.join(" · ");
}

// --- the filter ---

function readFilter(text) {
  const word = text.trim().toLowerCase();
  const number = /^(?:client |#)?(\d+)$/.exec(word);

  if (word === "")
    return () => true;
  if (number !== null)
    return (client) => client !== null && client.number === Number(number[1]);
  // Doors and packets, which come without a row, have no text.
  return (client, row) =>
    row === undefined || (client?.address ?? "").includes(word)
    || (row.text ?? "").toLowerCase().includes(word)
    || (row.kind === "message" && shownData(row.events[0]).toLowerCase().includes(word));
}

function setFilter(text) {
  if (text === page.filter)
    return;
  page.filter = text;
  if (byId("filter").value !== text)
    byId("filter").value = text;
  diagram.accepts = readFilter(text);
  diagram.filtered = text.trim() !== "";
  diagram.select();
  if (diagram.chosen !== null)
    diagram.reveal(diagram.chosen);
  drawPanels(true);
  showCount();
}

function chooseRow(row) {
  if (row === null)
    details.clear();
  else
    details.show(row);
  drawPanels(false);
}

function chooseClient(client) {
  const text = String(client.number);

  setFilter(page.filter === text ? "" : text);
}

function chooseDoor(door) {
  if (door.client !== null && door.role !== "server")
    chooseClient(door.client);
  else
    setFilter("");
}

function choosePacket(packet) {
  const row = packet.row
              ?? model.rows.findLast(
                (one) => one.events.some(
                  (event) => event.fate !== undefined && event.fate.index === packet.fate.index
                             && event.fate.flow === packet.fate.flow
                             && event.fate.direction === packet.fate.direction));

  if (row === undefined || !diagram.shown.includes(row))
    return;
  diagram.choose(row);
  diagram.reveal(row);
}

// --- drawing ---

function drawPanels(isNew) {
  const accepts = (client) => diagram.accepts(client);

  doorPanel.update(accepts, diagram.chosen?.t ?? Infinity);
  linkPanel.update(accepts, isNew);
  page.panelsAt = performance.now();
}

function takeIn() {
  const lines = page.queue.splice(0, A_FRAME);

  if (page.lost > 0)
    model.add({ skipped: page.lost });
  page.lost = 0;
  for (const line of lines) {
    let event;
    try {
      event = typeof line === "string" ? JSON.parse(line) : line;
    } catch {
      continue;
    }
    if (event.protolab_events !== undefined) {
      model.begin(event);
      showScene(event);
    } else
      model.add(event);
  }
}

function frame() {
  page.wanted = false;
  if (!page.paused) {
    takeIn();
    diagram.update();
    if (details.row !== null && details.row.changed)
      details.show(details.row);
  }
  if (performance.now() - page.panelsAt >= PANELS_MS)
    drawPanels(false);
  else
    setTimeout(want, PANELS_MS);
  showCount();
  if (page.queue.length > 0 && !page.paused)
    want();
}

function want() {
  if (page.wanted)
    return;
  page.wanted = true;
  // A page that is not seen is not drawn, but must not fall behind.
  if (document.hidden)
    setTimeout(frame, PANELS_MS);
  else
    requestAnimationFrame(frame);
}

function enqueue(lines) {
  for (const line of lines)
    page.queue.push(line);
  if (page.queue.length > QUEUE_MAX)
    page.lost += page.queue.splice(0, page.queue.length - QUEUE_MAX).length;
  want();
}

// --- where the events come from ---

// Another run at the same address is shown in the place of this one.
function ended() {
  page.source.close();
  showState("ended", "The run has ended");
  setTimeout(follow, AGAIN_MS);
}

function follow() {
  const source = new EventSource("events");

  page.source = source;
  source.onopen = () => showState("live", page.paused ? "Paused" : "Live");
  source.addEventListener("scene", (message) => enqueue([message.data]));
  source.onmessage = (message) => enqueue(message.data.split("\n"));
  source.addEventListener("end", ended);
  source.onerror = () => {
    if (page.state !== "ended")
      showState("away", "No connection: trying again");
    if (source.readyState === EventSource.CLOSED)
      setTimeout(follow, AGAIN_MS);
  };
}

function begin() {
  const inside = byId("events");

  if (inside === null) {
    showState("away", "Connecting");
    follow();
    return;
  }
  page.isReport = true;
  byId("pause").hidden = true;
  diagram.startsAtEnd = diagram.following = false;
  enqueue(inside.textContent.split("\n").filter((line) => line !== ""));
  inside.remove();
}

// --- keys and buttons ---

function togglePause() {
  if (page.isReport)
    return;
  page.paused = !page.paused;
  byId("pause").setAttribute("aria-pressed", String(page.paused));
  byId("pause").textContent = page.paused ? "Go on" : "Pause";
  if (page.state === "live")
    showState("live", page.paused ? "Paused" : "Live");
  want();
}

function toggleCalls() {
  diagram.showCalls = !diagram.showCalls;
  byId("calls").setAttribute("aria-pressed", String(diagram.showCalls));
  diagram.select();
  if (diagram.chosen !== null)
    diagram.reveal(diagram.chosen);
  showCount();
}

function resize(by) {
  page.scale =
    by === 0 ? SCALES.indexOf(1) : Math.max(0, Math.min(SCALES.length - 1, page.scale + by));
  document.documentElement.style.setProperty("--scale", SCALES[page.scale]);
  diagram.resized();
}

const darkWanted = matchMedia("(prefers-color-scheme: dark)");

function setTheme(theme) {
  document.documentElement.dataset.theme = theme;
}

function toggleTheme() {
  setTheme(document.documentElement.dataset.theme === "dark" ? "light" : "dark");
}

function toggleHelp() {
  const keys = byId("keys");

  if (keys.open)
    keys.close();
  else
    keys.showModal();
}

function escape() {
  diagram.choose(null);
  setFilter("");
  diagram.scroller.focus();
}

function onlyThisClient() {
  if (diagram.chosen !== null && diagram.chosen.client !== null)
    chooseClient(diagram.chosen.client);
}

const KEYS = {
  " ": togglePause,
  "?": toggleHelp,
  c: toggleCalls,
  d: toggleTheme,
  o: onlyThisClient,
  f: () => byId("filter").select(),
  "+": () => resize(1),
  "=": () => resize(1),
  "-": () => resize(-1),
  "0": () => resize(0),
  ArrowDown: () => diagram.step(1),
  ArrowUp: () => diagram.step(-1),
  PageDown: () => diagram.step(10),
  PageUp: () => diagram.step(-10),
  Home: () => {
    diagram.following = false;
    diagram.step(-Infinity);
  },
  End: () => {
    diagram.choose(null);
    diagram.follow();
  },
  Escape: escape,
};
const SCROLLED = ["ArrowDown", "ArrowUp", "PageDown", "PageUp", "Home", "End"];

function pressed(event) {
  const key = KEYS[event.key];
  const target = event.target;

  if (key === undefined || event.ctrlKey || event.altKey || event.metaKey)
    return;
  if (byId("keys").open && event.key !== "?")
    return;
  if (target instanceof HTMLInputElement && event.key !== "Escape")
    return;
  if (event.key === " " && target instanceof HTMLButtonElement)
    return;
  if (SCROLLED.includes(event.key) && target.closest("#details, #doors, #link") !== null)
    return;
  event.preventDefault();
  key();
}

setTheme(darkWanted.matches ? "dark" : "light");
darkWanted.addEventListener("change", () => setTheme(darkWanted.matches ? "dark" : "light"));
byId("pause").addEventListener("click", togglePause);
byId("calls").addEventListener("click", toggleCalls);
byId("smaller").addEventListener("click", () => resize(-1));
byId("larger").addEventListener("click", () => resize(1));
byId("theme").addEventListener("click", toggleTheme);
byId("help").addEventListener("click", toggleHelp);
byId("close-keys").addEventListener("click", toggleHelp);
byId("filter").addEventListener("input", (event) => setFilter(event.target.value));
document.addEventListener("keydown", pressed);
addEventListener("beforeprint", () => diagram.print(true));
addEventListener("afterprint", () => diagram.print(false));
begin();
