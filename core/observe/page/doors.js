// doors.js - the sockets as doors: a server's welcoming door, a door for each connection, the one
// door of a datagram server; as they are now, or were at a chosen line of the diagram.
"use strict";

const DOORS_MAX = 2000; // kept; beyond it those that were closed first are let go
const DOORS_SHOWN = 60; // drawn
const DOORS_LARGE = 8;  // drawn with all that is known of them

class Doors {
  constructor() {
    this.open = new Map(); // side and descriptor: door
    this.list = [];        // in the order of their making
    this.gone = 0;         // closed ones that were let go
    this.made = 0;
  }

  make(event, client, state) {
    const door = {
      id: ++this.made,
      side: event.side,
      fd: event.fd,
      role: event.role,
      client,
      state,
      local: event.local,
      peer: event.peer,
      stream: event.stream,
      in: 0,
      out: 0,
      clients: 0,
      seen: new Set(),
      finished: "",
      past: [],
    };

    this.enter(door, state, event.t);
    this.open.set(event.side + event.fd, door);
    this.list.push(door);
    if (this.list.length > DOORS_MAX)
      this.letGo();
    return door;
  }

  letGo() {
    const at = this.list.findIndex((door) => door.state === "closed" || door.state === "reset");

    this.list.splice(at === -1 ? 0 : at, 1);
    this.gone++;
  }

  // The door that an event is about; made where its making was not seen.
  find(event, client) {
    const known = this.open.get(event.side + event.fd);

    if (known !== undefined && event.event !== "created" && event.event !== "accepted")
      return known;
    const states = { created: "created", welcoming: "listening", server: "open" };
    return this.make(event, client, states[event.event] ?? states[event.role] ?? "connected");
  }

  tell(event, client) {
    if (event.fd === undefined || event.role === undefined)
      return;
    const door = this.find(event, client);
    door.client ??= client;
    door.local = event.local ?? door.local;
    if (event.role !== "server")
      door.peer = event.peer ?? door.peer;
    this.count(door, event, client);
    switch (event.event) {
    case "bound":
      this.enter(door, event.role === "server" ? "open" : "bound", event.t);
      break;
    case "listening":
      this.enter(door, "listening", event.t);
      break;
    case "connecting":
      this.enter(door, "connecting", event.t);
      break;
    case "connected":
    case "accepted":
      this.enter(door, "connected", event.t);
      break;
    case "half-closed":
      this.finish(door, event.by_peer ? "peer" : "own", event.t);
      break;
    case "reset":
      this.enter(door, "reset", event.t);
      break;
    case "closed":
      this.enter(door, door.state === "reset" ? "reset" : "closed", event.t);
      this.open.delete(event.side + event.fd);
      break;
    }
  }

  enter(door, state, t) {
    door.state = state;
    door.past.push({ t, state, finished: door.finished });
  }

  finish(door, end, t) {
    door.finished = door.finished !== "" && door.finished !== end ? "both" : end;
    this.enter(door, "half-closed", t);
  }

  // The door as it was at that time, Infinity for now; undefined: it had not been made.
  at(door, t) {
    return t === Infinity ? door : door.past.findLast((one) => one.t <= t);
  }

  count(door, event, client) {
    if (event.event === "received" || event.event === "sent") {
      door[event.event === "received" ? "in" : "out"]++;
    }
    if (event.role === "server" && client !== null && !door.seen.has(client.number)) {
      door.clients++;
      if (door.seen.size < CLIENTS_MAX)
        door.seen.add(client.number);
    }
    if (event.event === "accepted")
      for (const other of this.open.values())
        if (other.role === "welcoming" && other.side === event.side) {
          other.clients++;
          break;
        }
  }

  // Those worth drawing, in the order of their making: open ones before closed ones, new before
  // old.
  chosen(most, t, accepts) {
    const list = this.list.filter((door) => accepts(door) && this.at(door, t) !== undefined);
    const rank = (door) => (door.role === "welcoming" || door.role === "server"    ? 2
                            : ["closed", "reset"].includes(this.at(door, t).state) ? 0
                                                                                   : 1);

    if (list.length <= most)
      return list;
    return list.sort((a, b) => rank(b) - rank(a) || b.id - a.id)
      .slice(0, most)
      .sort((a, b) => a.id - b.id);
  }

  // "480 connected, 20 closed"
  summary(t) {
    const counts = new Map();

    for (const door of this.list) {
      const state = this.at(door, t)?.state;
      if (state !== undefined && (door.role === "connection" || door.role === "client"))
        counts.set(state, (counts.get(state) ?? 0) + 1);
    }
    if (this.gone > 0 && t === Infinity)
      counts.set("closed", (counts.get("closed") ?? 0) + this.gone);
    return Array.from(counts, ([state, count]) => count.toLocaleString("en") + " " + state)
      .join(", ");
  }
}

const DOOR_TITLES = {
  welcoming: "welcoming door",
  connection: "connection door",
  server: "the one door",
  client: "client’s door",
};

// One moment of a door in words.
function doorState({ state, finished }) {
  const ends = {
    peer: "the peer has finished sending",
    own: "we have finished sending",
    both: "both have finished sending"
  };

  if (state === "open")
    return "open to all";
  return state === "half-closed" ? "half-closed: " + ends[finished] : state;
}

// A frame with a leaf that stands open or shut.
function drawDoor(state) {
  const leaf = {
    listening: "9,3 15,6 15,29 9,27",
    open: "9,3 15,6 15,29 9,27",
    connected: "9,3 17,7 17,30 9,27",
    "half-closed": "9,3 21,5 21,29 9,27"
  }[state] ?? "9,3 24,3 24,27 9,27";
  const svg =
    svgElement("svg", { viewBox: "0 0 33 33", class: "door-picture", "aria-hidden": "true" });

  svg.append(svgElement("rect", { class: "doorway", x: 9, y: 3, width: 15, height: 24 }),
             svgElement("polygon", { class: "leaf", points: leaf }),
             svgElement("path", { class: "frame", d: "M3 27 H9 V3 H24 V27 H30" }));
  if (state === "reset")
    svg.append(svgElement("path", { class: "cross", d: "M11 9 L22 21 M22 9 L11 21" }));
  return svg;
}

// The panel with the doors.
class DoorPanel {
  constructor(model, choose) {
    this.model = model;
    this.choose = choose;
    this.list = document.getElementById("door-list");
    this.title = document.getElementById("doors-title");
    this.countLine = document.getElementById("door-count");
    this.drawn = "";
  }

  // What has passed through the door until now, as far as this page has seen it.
  traffic(door) {
    const least = this.model.skipped > 0 ? "at least " : "";

    if (door.role === "welcoming")
      return least + countOf(door.clients, "client") + " let in";
    const messages =
      least + countOf(door.in, "message") + " in, " + door.out.toLocaleString("en") + " out";
    return door.role === "server" ? messages + ", for " + countOf(door.clients, "client")
                                  : messages;
  }

  text(door, moment) {
    const text = element("span", "door-text");
    const title = element("strong", "", DOOR_TITLES[door.role] ?? door.role);
    const ends = door.role === "welcoming" ? [door.local] : [door.local, door.peer];

    if (door.client !== null && door.role === "connection")
      title.append(" for client " + door.client.number);
    text.append(title,
                element("span", "address", ends.filter((end) => end !== undefined).join(" ↔ ")),
                element("span", "state", doorState(moment)));
    if (moment === door)
      text.append(element("span", "", this.traffic(door)));
    text.append(element("span", "fd", "fd " + door.fd));
    return text;
  }

  draw(door, moment, isLarge) {
    const button = element("button", "door " + moment.state + (isLarge ? " large" : ""));
    const who =
      door.client !== null && door.role !== "server" ? " of client " + door.client.number : "";
    const name = DOOR_TITLES[door.role] + who + ", " + doorState(moment);

    button.type = "button";
    button.title = name + (door.peer === undefined ? "" : ", " + door.peer);
    button.append(drawDoor(moment.state));
    if (isLarge)
      button.append(this.text(door, moment));
    else {
      button.setAttribute("aria-label", name);
      button.append(
        element("span", "number", door.client === null ? "" : String(door.client.number)));
    }
    button.addEventListener("click", () => this.choose(door));
    return button;
  }

  // Draws those of the accepted clients as they were at that time; only where something has
  // changed, so that the focus stays where it is.
  update(accepts, t) {
    const doors = this.model.doors;
    const shown = doors.chosen(DOORS_SHOWN, t,
                               (door) => door.client === null || door.role === "server"
                                         || accepts(door.client));
    const isLarge = (door) =>
      shown.length <= DOORS_LARGE || door.role === "welcoming" || door.role === "server";
    const key = (door) => [door.id, doorState(doors.at(door, t)), door.client?.number, door.local,
                           isLarge(door) ? [door.in, door.out, door.clients, door.peer] : ""]
                            .join(" ");
    const drawn = t + "|" + shown.map(key).join("|");

    if (drawn === this.drawn)
      return;
    const focused = Array.prototype.indexOf.call(this.list.children, document.activeElement);
    this.drawn = drawn;
    this.list.replaceChildren(
      ...shown.map((door) => this.draw(door, doors.at(door, t), isLarge(door))));
    if (focused !== -1)
      this.list.children[Math.min(focused, this.list.children.length - 1)]?.focus();
    const hidden = doors.list.length - shown.length + doors.gone;
    this.title.textContent = t === Infinity ? "Sockets" : "Sockets at " + timeText(t);
    this.countLine.textContent = [
      doors.summary(t),
      hidden === 0 || t !== Infinity ? "" : countOf(hidden, "more door") + " not drawn"
    ].filter(Boolean).join("; ");
  }
}
