// model.js - from events to what is drawn: rows of the diagram, clients, packets; doors.js has the
// sockets.  Where a run has both sides, what leaves one and arrives at the other becomes one row.
"use strict";

const ROWS_MAX = 50000;          // beyond it the oldest are let go
const CHARACTERS_MAX = 64 << 20; // of all their bytes
const FLIGHT_MAX = 64;           // messages under way that an arrival is compared with
const CLIENTS_MAX = 5000;        // that are told apart by their address
const PACKETS_MAX = 5000;

function otherSide(side) {
  return side === "server" ? "client" : "server";
}

function sameData(a, b) {
  return a.size === b.size && a.utf8 === b.utf8 && a.hex === b.hex;
}

function isLost(fate) {
  return fate.what.includes("drop") || fate.what.includes("crowded");
}

// One conversation, by the end that is not the server's.
class Client {
  constructor(number, address) {
    this.number = number;
    this.address = address;
    this.sides = new Set();
    this.sessions = {}; // its number at each side
    this.flight = { in: [], out: [] };
    this.marks = {}; // rows that the other side may tell of too
    this.closed = false;
  }
}

class Model {
  constructor() {
    this.scene = {};
    this.clear();
  }

  clear() {
    this.rows = [];
    this.base = 0; // how many rows were let go
    this.characters = 0;
    this.events = 0;
    this.skipped = 0; // events that never came
    this.sides = new Set();
    this.byAddress = new Map();
    this.bySession = new Map();
    this.byDescriptor = new Map(); // sockets of clients that have no address yet
    this.byNumber = new Map();
    this.lastNumber = 0;
    this.packets = [];
    this.packetTotals = { in : new Map(), out: new Map() };
    this.doors = new Doors();
    this.version = 0; // grows when all must be drawn anew
  }

  begin(scene) {
    if (this.scene.time === scene.time)
      return;
    const version = this.version;
    this.clear();
    this.version = version + 1;
    this.scene = scene;
  }

  // --- clients ---

  newClient(event, address) {
    const number =
      event.side === "server" && event.session !== undefined && !this.byNumber.has(event.session)
        ? event.session
        : this.lastNumber + 1;
    const client = new Client(number, address);

    this.lastNumber = Math.max(this.lastNumber, number);
    this.byNumber.set(number, client);
    for (const map of [this.byNumber, this.byAddress, this.bySession, this.byDescriptor])
      if (map.size > CLIENTS_MAX)
        map.delete(map.keys().next().value);
    return client;
  }

  // Whether the event begins a conversation with a peer that may have had one before.
  isAnother(client, event) {
    const session = client.sessions[event.side];

    return (event.session !== undefined && session !== undefined && session !== event.session)
           || (client.closed && (event.event === "accepted" || event.event === "connecting"));
  }

  clientOf(event) {
    const address = event.side === "server" ? event.peer : event.local;
    const has = address !== undefined && !address.endsWith(":0");
    const session = event.session && event.side + event.session;
    const descriptor = event.side === "client" ? event.fd : undefined;
    let client = this.bySession.get(session);

    if (client === undefined && event.event !== "created")
      client = this.byDescriptor.get(descriptor);
    if (client === undefined && has) {
      client = this.byAddress.get(address);
      if (client !== undefined && this.isAnother(client, event))
        client = undefined;
    }
    if (client === undefined) {
      if (!(has && (event.size !== undefined || event.session !== undefined))
          && descriptor === undefined)
        return null;
      client = this.newClient(event, has ? address : undefined);
    }
    if (has) {
      client.address ??= address;
      this.byAddress.set(address, client);
    }
    if (session !== undefined)
      this.bySession.set(session, client);
    if (descriptor !== undefined)
      this.byDescriptor.set(descriptor, client);
    if (event.session !== undefined)
      client.sessions[event.side] = event.session;
    client.sides.add(event.side);
    return client;
  }

  // --- rows ---

  push(row, event) {
    row.id = this.base + this.rows.length;
    row.t = event.t;
    row.events = event.event === undefined ? [] : [event];
    this.rows.push(row);
    this.weigh(event);
    if (this.rows.length > ROWS_MAX || this.characters > CHARACTERS_MAX)
      this.letGo();
    return row;
  }

  weigh(event) {
    this.characters += (event.utf8 ?? event.hex ?? "").length + 200;
  }

  letGo() {
    const gone = this.rows.splice(0, Math.ceil(this.rows.length / 5));

    this.base += gone.length;
    for (const row of gone)
      for (const event of row.events)
        this.characters -= (event.utf8 ?? event.hex ?? "").length + 200;
  }

  // The other side, or the link, tells of the same thing.
  join(row, event) {
    row.events.push(event);
    row.changed = true;
    this.weigh(event);
  }

  remark(event, client, text, tone, isCall = false) {
    return this.push({ kind: "remark", side: event.side, client, text, tone, isCall }, event);
  }

  arrow(event, client, toServer, text, tone) {
    return this.push({ kind: "arrow", client, toServer, text, tone, isCall: false }, event);
  }

  // An arrow that both sides tell of: the second one joins the first.
  shared(event, client, name, toServer, text, tone) {
    const mark = name + toServer;
    const row = client.marks[mark];

    if (row !== undefined && !row.events.some((other) => other.side === event.side))
      return this.join(row, event);
    client.marks[mark] = this.arrow(event, client, toServer, text, tone);
  }

  setFate(row, fate) {
    if (fate === undefined)
      return;
    row.fate = fate;
    if (isLost(fate))
      row.state = "lost";
  }

  // --- messages ---

  sent(event, client) {
    const toServer = event.side === "client";
    const row = this.push({ kind: "message", client, toServer, isCall: false, state: "" }, event);
    const flight = client.flight[toServer ? "in" : "out"];

    this.setFate(row, event.fate);
    if (row.state === "lost" || !(toServer ? this.sides.has("server") : client.sides.has("client")))
      return;
    if (!event.stream)
      row.state = "pending";
    flight.push(row);
    if (flight.length > FLIGHT_MAX)
      flight.shift();
  }

  received(event, client) {
    const toServer = event.side === "server";
    const flight = client.flight[toServer ? "in" : "out"];
    const at = flight.findIndex((row) => sameData(row.events[0], event));

    if (at === -1) {
      const row = this.push({ kind: "message", client, toServer, isCall: false, state: "" }, event);
      return this.setFate(row, event.fate);
    }
    const [row] = flight.splice(at, 1);
    row.state = "";
    this.join(row, event);
    this.setFate(row, event.fate ?? row.fate);
  }

  packet(event, client) {
    const fate = event.fate;
    const toServer = fate.direction === "in";
    const flight = client.flight[fate.direction];
    const packet = { client, fate, event };
    const totals = this.packetTotals[fate.direction];

    for (const word of ["all", ...(fate.what.length === 0 ? ["pass"] : fate.what)])
      totals.set(word, (totals.get(word) ?? 0) + 1);
    this.packets.push(packet);
    if (this.packets.length > 2 * PACKETS_MAX)
      this.packets.splice(0, PACKETS_MAX);
    // What this side sends was told as sent before, with its fate.
    if ((event.side === "client") === toServer)
      return;
    const at = flight.findIndex((row) => sameData(row.events[0], event) && row.fate === undefined);
    if (at !== -1) {
      const row = flight[at];
      this.join(row, event);
      this.setFate(row, fate);
      if (row.state === "lost")
        flight.splice(at, 1);
      packet.row = row;
    } else if (isLost(fate)) {
      packet.row =
        this.push({ kind: "message", client, toServer, isCall: false, state: "" }, event);
      this.setFate(packet.row, fate);
    }
  }

  // --- events ---

  skip(count) {
    this.skipped += count;
    this.push({ kind: "gap", client: null, isCall: false, count }, { t: undefined });
  }

  add(event) {
    if (event.skipped !== undefined)
      return this.skip(event.skipped);
    if (typeof event.event !== "string" || typeof event.t !== "number")
      return;
    this.events++;
    this.sides.add(event.side);
    const client = this.clientOf(event);
    this.doors.tell(event, client);
    const tell = Model.tellers[event.event];
    if (tell !== undefined)
      tell(this, event, client);
    if (event.event === "closed" && client !== null) {
      client.closed = true;
      if (event.side === "client")
        this.byDescriptor.delete(event.fd);
    }
  }
}

function fdText(event) {
  return event.fd === undefined ? "" : ", fd " + event.fd;
}

const ROLES = {
  welcoming: "welcoming socket",
  connection: "connection socket",
  server: "server socket",
  client: "client socket",
};

// What each event adds to the rows.
Model.tellers = {
  created: (model, event, client) => model.remark(
    event, client, "socket() → " + (ROLES[event.role] ?? "socket") + fdText(event), "call"),
  bound: (model, event, client) => model.remark(event, client, "bind(" + event.local + ")", "call"),
  listening: (model, event, client) =>
    model.remark(event, client, "listen(): the welcoming socket waits for clients", "call"),
  connecting: (model, event, client) =>
    model.remark(event, client, "connect(" + event.peer + ")", "call"),
  connected: (model, event, client) => {
    if (event.stream && client !== null)
      model.shared(event, client, "connect", true, "connect", "");
  },
  accepted: (model, event, client) => {
    if (client === null)
      return;
    model.shared(event, client, "connect", true, "connect", "");
    model.remark(event, client, "accept() → connection socket" + fdText(event), "call");
  },
  recv: (model, event, client) => {
    const what = event.stream && event.size === 0 ? "0 bytes: the peer has finished sending"
                                                  : bytesCount(event.size);
    model.remark(event, client, event.call + "() → " + what, "call", true);
  },
  send: (model, event, client) => {
    const what = event.asked > event.size ? event.size + " of " + bytesCount(event.asked) + " taken"
                                          : bytesCount(event.size);
    model.remark(event, client, event.call + "() → " + what, "call", true);
  },
  packet: (model, event, client) => {
    if (client !== null && event.fate !== undefined)
      model.packet(event, client);
  },
  received: (model, event, client) => {
    if (client !== null)
      model.received(event, client);
  },
  sent: (model, event, client) => {
    if (client !== null)
      model.sent(event, client);
  },
  note: (model, event, client) => model.remark(event, client, shownText(event.text ?? ""), "note"),
  timer: (model, event, client) => model.remark(
    event, client, event.ms === undefined ? "timer: due" : "timer: in " + event.ms + " ms", "note"),
  limit: (model, event, client) => model.remark(event, client, shownText(event.text ?? ""), "bad"),
  trouble: (model, event, client) =>
    model.remark(event, client, shownText(event.text ?? ""), "bad"),
  "half-closed": (model, event, client) => {
    const toServer = (event.by_peer ? otherSide(event.side) : event.side) === "client";
    if (client !== null)
      model.shared(event, client, "fin", toServer, "FIN: nothing more to send", "end");
  },
  reset: (model, event, client) => {
    const toServer = (event.by_peer ? otherSide(event.side) : event.side) === "client";
    if (client !== null)
      model.shared(event, client, "rst", toServer, "RST: the connection is reset", "bad");
  },
  closed: (model, event, client) => {
    const why = event.text === undefined ? "" : ": " + shownText(event.text);
    model.remark(event, client, "close()" + fdText(event).replace(", fd", " fd") + why,
                 event.text === undefined ? "call" : "bad");
  },
};
