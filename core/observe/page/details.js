// details.js - the panels beside the diagram: a chosen row's bytes, and what the link did to
// packets.
"use strict";

function element(name, className = "", text = undefined) {
  const made = document.createElement(name);

  if (className !== "")
    made.className = className;
  if (text !== undefined)
    made.textContent = text;
  return made;
}

function svgElement(name, attributes) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);

  for (const [key, value] of Object.entries(attributes))
    made.setAttribute(key, value);
  return made;
}

// Seconds since the beginning, to the microsecond where there is room for it.
function timeText(t) {
  return t.toFixed(t < 10 ? 6 : t < 1000 ? 4 : 1) + " s";
}

// 0.0000721 is "72.1 µs".
function durationText(seconds) {
  if (seconds >= 1)
    return seconds.toFixed(3) + " s";
  if (seconds >= 0.001)
    return (seconds * 1000).toFixed(2) + " ms";
  return (seconds * 1e6).toFixed(1) + " µs";
}

// "2026-11-21T05:53:43.955966799Z" for people.
function dateText(time) {
  return shownText(time ?? "").replace("T", " ").replace(/(\.\d{3})\d*Z$/, "$1 UTC");
}

// What a row is, in one sentence; also what a screen reader says of it.
function rowTitle(row) {
  const who = row.client === null ? "a client" : "client " + row.client.number;

  if (row.kind === "gap")
    return countOf(row.count, "event") + " missing";
  if (row.kind === "remark")
    return (row.side === "server" ? "server" : who) + ": " + row.text;
  const way = row.toServer ? who + " to the server" : "the server to " + who;
  return row.kind === "arrow" ? way + ": " + row.text : "Message from " + way;
}

class DetailPanel {
  constructor() {
    this.body = document.getElementById("details-body");
    this.clear();
  }

  clear() {
    this.row = null;
    this.body.replaceChildren(
      element("p", "hint", "Choose a line of the diagram: click on it, or press ↓."));
  }

  // Where and when each part of the row happened.
  eventLine(event) {
    const line = element("li");
    const parts = [event.side + " " + (event.call === undefined ? event.event : event.call + "()")
                   + (event.fd === undefined ? "" : ", fd " + event.fd)];

    if (event.fate !== undefined)
      parts.push("packet " + event.fate.index + " " + event.fate.text);
    if (event.text !== undefined)
      parts.push(shownText(event.text));
    line.append(element("span", "time", timeText(event.t)), element("span", "", parts.join("; ")));
    return line;
  }

  story(row) {
    const list = element("ul");
    const event = row.events[0];
    const parts = [list];

    list.append(...row.events.map((one) => this.eventLine(one)));
    if (row.kind === "message" && row.events.length > 1)
      parts.push(element(
        "p", "", "From the first to the last: " + durationText(row.events.at(-1).t - event.t)));
    if (event.local !== undefined || event.peer !== undefined)
      parts.push(
        element("p", "address", (event.local ?? "?") + " ↔ " + (event.peer ?? "any peer")));
    if (event.time !== undefined)
      parts.push(element("p", "hint", dateText(event.time)));
    return parts;
  }

  bytes(event) {
    const bytes = bytesOf(event);
    const parts = [
      element("h3", "", bytesCount(event.size) + " as text"),
      element("pre", "text", shownData(event)), element("h3", "", "and in hexadecimal"),
      element("pre", "hex", hexDump(bytes))
    ];

    if (bytes.length < event.size)
      parts.push(element("p", "hint",
                         "The first " + bytesCount(bytes.length) + " of " + bytesCount(event.size)
                           + " are kept here."));
    parts[1].tabIndex = parts[3].tabIndex = 0;
    return parts;
  }

  show(row) {
    const data = row.events.find((event) => event.size > 0);
    const parts = [element("h3", "title", rowTitle(row))];

    this.row = row;
    if (data !== undefined)
      parts.push(...this.bytes(data));
    else if (row.kind === "message")
      parts.push(element("p", "", "It is empty: 0 bytes."));
    if (row.kind !== "gap")
      parts.push(...this.story(row));
    this.body.replaceChildren(...parts);
  }
}

const FATES = {
  pass: ["·", "passed"],
  drop: ["✕", "dropped"],
  crowded: ["✕", "dropped: too many waited"],
  duplicate: ["2", "duplicated"],
  corrupt: ["~", "corrupted"],
  truncate: ["✂", "cut"],
  delay: ["◷", "delayed"],
  reorder: ["⇄", "reordered"],
};
const PACKETS_SHOWN = 200; // in each direction

// What the link did, packet by packet.
class LinkPanel {
  constructor(model, choose) {
    this.model = model;
    this.choose = choose;
    this.drawn = -1;
    const signs =
      Object.entries(FATES).filter(([name]) => name !== "crowded").map(([
                                                                         , [sign, text]
                                                                       ]) => sign + " " + text);
    document.getElementById("legend").textContent = signs.join("   ");
  }

  cell(packet) {
    const names = packet.fate.what.length === 0 ? ["pass"] : packet.fate.what;
    const cell = element("button", "packet " + names[0], FATES[names[0]][0]);

    cell.type = "button";
    cell.tabIndex = -1;
    cell.title = "packet " + packet.fate.index + " of client " + packet.client.number + ": "
                 + packet.fate.text;
    cell.setAttribute("aria-label", cell.title);
    cell.addEventListener("click", () => this.choose(packet));
    return cell;
  }

  // "10 packets: 7 passed, 3 dropped (30 %)"
  totals(counts) {
    const all = counts.get("all") ?? 0;
    const part = ([what, count]) =>
      count.toLocaleString("en") + " " + (FATES[what] ?? ["", what])[1]
      + (what === "pass" ? "" : " (" + (100 * count / all).toFixed(all < 1000 ? 0 : 1) + " %)");

    return countOf(all, "packet") + (all === 0 ? "" : ": ")
           + Array.from(counts).filter(([what]) => what !== "all").map(part).join(", ");
  }

  direction(name, title, accepts) {
    const packets = this.model.packets.filter((packet) => packet.fate.direction === name
                                                          && accepts(packet.client));
    const shown = packets.slice(-PACKETS_SHOWN);
    const strip = element("div", "strip");
    const parts = [
      element("h3", "", title), element("p", "", this.totals(this.model.packetTotals[name])), strip
    ];

    if (packets.length > shown.length)
      strip.append(element("span", "hint",
                           "… " + countOf(packets.length - shown.length, "packet") + " before"));
    strip.append(...shown.map((packet) => this.cell(packet)));
    document.getElementById("link-" + name).replaceChildren(...parts);
  }

  update(accepts, isNew) {
    const { in: inward, out: outward } = this.model.packetTotals;
    const count = (inward.get("all") ?? 0) + (outward.get("all") ?? 0);

    document.getElementById("link").hidden = count === 0;
    if (count === this.drawn && !isNew)
      return;
    this.drawn = count;
    this.direction("in", "to the server", accepts);
    this.direction("out", "to the client", accepts);
  }
}
