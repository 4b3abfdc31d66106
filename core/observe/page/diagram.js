// diagram.js - the sequence diagram: of tens of thousands of rows only those are in the page that
// can be seen.
"use strict";

const LANES_MAX = 5;      // clients with a lifeline each; more share one
const SERVER_AT = 90;     // the server's lifeline, in per cent of the width
const CLIENT_AT = 10;     // the first client's
const SHORT_ARROW = 45;   // per cent
const LABEL_MOST = 200;   // characters of a message in an arrow
const SPARE = 8;          // rows that are made beyond those that are seen
const NEAR_END = 4;       // pixels
const PRINTED_MAX = 1000; // rows

class Diagram {
  constructor(model, onChoose) {
    this.model = model;
    this.onChoose = onChoose;
    this.scroller = document.getElementById("rows");
    this.canvas = document.getElementById("canvas");
    this.heads = document.getElementById("heads");
    this.followButton = document.getElementById("follow");
    this.showCalls = false;
    this.accepts = () => true;
    this.filtered = false;
    this.startsAtEnd = true;
    this.isPrinted = false;
    this.following = true;
    this.elements = new Map(); // row: its element
    this.chosen = null;
    this.measure();
    this.select();
    this.scroller.addEventListener("scroll", () => this.scrolled());
    this.followButton.addEventListener("click", () => {
      this.choose(null);
      this.follow();
    });
    this.canvas.addEventListener("click", (event) => this.clicked(event));
    new ResizeObserver(() => this.resized()).observe(this.scroller);
  }

  measure() {
    this.height = Math.round(2.5 * parseFloat(getComputedStyle(document.documentElement).fontSize));
  }

  // The letters or the window have another size.
  resized() {
    const first = this.scroller.scrollTop / this.height;

    this.measure();
    this.forgetElements();
    this.drawHeads();
    this.draw();
    this.scroller.scrollTop = this.following ? this.scroller.scrollHeight : first * this.height;
  }

  // --- which rows ---

  isShown(row) {
    if (row.isCall && !this.showCalls)
      return false;
    return row.kind === "gap" || !this.filtered || this.accepts(row.client, row);
  }

  // All rows anew: the filter has changed, or the run is another one.
  select() {
    this.shown = [];
    this.clients = new Map(); // those with a row: how many
    this.next = this.model.base;
    this.version = this.model.version;
    this.forgetElements();
    this.take();
    this.layOut();
  }

  // The rows that have come since.
  take() {
    const { rows, base } = this.model;

    for (let i = Math.max(this.next, base) - base; i < rows.length; i++)
      if (this.isShown(rows[i])) {
        this.shown.push(rows[i]);
        if (rows[i].client !== null)
          this.clients.set(rows[i].client, (this.clients.get(rows[i].client) ?? 0) + 1);
      }
    this.next = base + rows.length;
  }

  // The model has let old rows go.
  letGo() {
    const { base } = this.model;
    let gone = 0;

    while (gone < this.shown.length && this.shown[gone].id < base) {
      const { client } = this.shown[gone++];
      const left = (this.clients.get(client) ?? 1) - 1;
      if (left === 0)
        this.clients.delete(client);
      else if (client !== null)
        this.clients.set(client, left);
    }
    if (gone === 0)
      return;
    this.shown.splice(0, gone);
    this.forgetElements();
    if (!this.following)
      this.scroller.scrollTop -= gone * this.height;
  }

  update() {
    if (this.version !== this.model.version) {
      if (this.chosen !== null)
        this.choose(null);
      this.following = this.startsAtEnd;
      return this.select();
    }
    this.take();
    this.letGo();
    this.layOut();
  }

  // --- lifelines ---

  layOut() {
    const clients = Array.from(this.clients.keys());
    const lanes = clients.length <= LANES_MAX ? clients : [];
    const names = clients.length <= LANES_MAX
                    ? clients.map((client) => client.number + " " + client.address)
                    : [String(clients.length)];

    if (names.join("|") !== this.laneNames) {
      const isOther = this.lanes === undefined || lanes.length !== this.lanes.length
                      || lanes.some((client, i) => client !== this.lanes[i]);
      this.laneNames = names.join("|");
      this.lanes = lanes;
      this.isShared = clients.length > LANES_MAX;
      if (isOther)
        this.forgetElements();
      this.drawHeads();
    }
    this.canvas.style.height = this.shown.length * this.height + "px";
    document.getElementById("empty").hidden = this.shown.length > 0;
    if (this.following)
      this.scroller.scrollTop = this.scroller.scrollHeight;
    this.draw();
  }

  laneAt(index) {
    return CLIENT_AT + index * (SERVER_AT - CLIENT_AT) / Math.max(this.lanes.length, 1);
  }

  clientAt(client) {
    return this.laneAt(Math.max(this.lanes.indexOf(client), 0));
  }

  head(at, name, address) {
    const head = element("div", "head");

    head.style.left = at + "%";
    head.append(element("strong", "", name), element("span", "address", address ?? ""));
    return head;
  }

  serverAddress() {
    const door = this.model.doors.list.find(
      (one) => one.side === "server" && (one.role === "welcoming" || one.role === "server"));
    const client =
      this.model.doors.list.find((one) => one.side === "client" && one.peer !== undefined);

    return door?.local ?? client?.peer;
  }

  drawHeads() {
    const lanes = element("div", "lanes");

    if (this.isShared)
      lanes.append(
        this.head(this.laneAt(0), countOf(this.clients.size, "client"), "numbered in the rows"));
    else if (this.lanes.length === 0)
      lanes.append(this.head(this.laneAt(0), "client"));
    else
      lanes.append(...this.lanes.map(
        (client, i) => this.head(this.laneAt(i), "client " + client.number, client.address)));
    lanes.append(this.head(SERVER_AT, "server", this.serverAddress()));
    this.heads.replaceChildren(element("span", "time", "time"), lanes);
    this.heads.classList.toggle("crowded", this.lanes.length > 2);
    this.heads.style.paddingRight = this.scroller.offsetWidth - this.scroller.clientWidth + "px";
  }

  lifelines() {
    const count = Math.max(this.lanes.length, 1);
    const lines = [];

    for (let i = 0; i <= count; i++) {
      const line = element("div", "life");
      line.style.left = (i === count ? SERVER_AT : this.laneAt(i)) + "%";
      lines.push(line);
    }
    return lines;
  }

  // --- one row ---

  label(row) {
    const label = element("div", "label");
    const from = this.clientAt(row.client);

    // Where the arrow is short its text may begin before it.
    label.classList.toggle("short", SERVER_AT - from < SHORT_ARROW);
    label.style.left = SERVER_AT - from < SHORT_ARROW ? 0 : from + "%";
    label.style.right = 100 - SERVER_AT + "%";
    if (this.isShared && row.client !== null)
      label.append(element("span", "who", "client " + row.client.number));
    if (row.kind === "arrow")
      label.append(element("span", "what", row.text));
    else {
      const data = row.events[0];
      label.append(element("q", "what", shownData(data, LABEL_MOST)),
                   element("span", "size", bytesCount(data.size)));
    }
    if (row.fate !== undefined && (row.fate.what.length > 0))
      label.append(element("span", "fate", row.fate.text));
    return label;
  }

  arrow(row) {
    const from = this.clientAt(row.client);
    const arrow = element("div", "arrow " + (row.toServer ? "to-server" : "to-client") + " "
                                   + (row.state ?? "") + " " + (row.tone ?? ""));
    const shaft = element("div", "shaft-room");

    shaft.style.left = from + "%";
    shaft.style.right = 100 - SERVER_AT + "%";
    shaft.append(element("div", "shaft"));
    arrow.append(this.label(row), shaft);
    return arrow;
  }

  remark(row) {
    const remark = element("div", "remark " + row.side + " " + row.tone);

    if (row.side === "server")
      remark.style.right = 100 - SERVER_AT + "%";
    else
      remark.style.left = this.clientAt(row.client) + "%";
    if (row.client !== null && (this.isShared || (row.side === "server" && this.lanes.length > 1)))
      remark.append(element("span", "who", "client " + row.client.number));
    remark.append(element("span", "what", row.text));
    return remark;
  }

  make(row, index) {
    const made = element("div", "row");
    const lanes = element("div", "lanes");
    const time = row.t === undefined ? "" : timeText(row.t);

    made.id = "row-" + row.id;
    made.setAttribute("role", "option");
    made.setAttribute("aria-setsize", this.shown.length);
    made.setAttribute("aria-posinset", index + 1);
    made.setAttribute("aria-selected", row === this.chosen ? "true" : "false");
    if (row.kind === "message")
      made.setAttribute("aria-label", [
        time, rowTitle(row), shownData(row.events[0], 60), bytesCount(row.events[0].size),
        row.fate?.text ?? ""
      ].join(", "));
    made.style.top = index * this.height + "px";
    made.style.height = this.height + "px";
    lanes.append(...this.lifelines());
    if (row.kind === "gap")
      lanes.append(
        element("div", "gap-text",
                rowTitle(row) + " here: no longer kept, or too many at once for this page"));
    else
      lanes.append(row.kind === "remark" ? this.remark(row) : this.arrow(row));
    made.append(element("span", "time", time), lanes);
    row.changed = false;
    return made;
  }

  // --- the window ---

  forgetElements() {
    for (const made of this.elements.values())
      made.remove();
    this.elements.clear();
  }

  draw() {
    const top = this.isPrinted ? 0 : this.scroller.scrollTop;
    const height = this.isPrinted ? PRINTED_MAX * this.height : this.scroller.clientHeight;
    const first = Math.max(0, Math.floor(top / this.height) - SPARE);
    const last = Math.min(this.shown.length,
                          Math.ceil((top + height) / this.height) + (this.isPrinted ? 0 : SPARE));
    const seen = new Set(this.shown.slice(first, last));

    for (const [row, made] of this.elements)
      if (!seen.has(row) || row.changed) {
        made.remove();
        this.elements.delete(row);
      }
    let index = first;
    for (const row of seen) {
      if (!this.elements.has(row)) {
        const made = this.make(row, index);
        this.elements.set(row, made);
        this.canvas.append(made);
      }
      index++;
    }
    this.followButton.hidden = this.following;
  }

  // On paper there is no scrolling.
  print(isPrinted) {
    const isCut = this.shown.length > PRINTED_MAX;

    this.isPrinted = isPrinted;
    document.getElementById("printed").textContent =
      isCut ? "Only the first " + countOf(PRINTED_MAX, "line") + " of the diagram are printed."
            : "";
    this.canvas.style.height =
      (isPrinted && isCut ? PRINTED_MAX : this.shown.length) * this.height + "px";
    this.draw();
  }

  isAtEnd() {
    return this.scroller.scrollTop + this.scroller.clientHeight
           >= this.scroller.scrollHeight - NEAR_END;
  }

  scrolled() {
    this.following = this.isAtEnd();
    this.draw();
  }

  follow() {
    this.following = true;
    this.scroller.scrollTop = this.scroller.scrollHeight;
    this.draw();
  }

  // --- choosing ---

  clicked(event) {
    const made = event.target.closest(".row");

    for (const [row, one] of this.elements)
      if (one === made)
        this.choose(row);
  }

  choose(row) {
    if (this.chosen !== null)
      this.elements.get(this.chosen)?.setAttribute("aria-selected", "false");
    this.chosen = row;
    if (row === null) {
      this.scroller.removeAttribute("aria-activedescendant");
      this.onChoose(null);
      return;
    }
    this.elements.get(row)?.setAttribute("aria-selected", "true");
    this.scroller.setAttribute("aria-activedescendant", "row-" + row.id);
    this.onChoose(row);
  }

  // Makes the row seen.
  reveal(row) {
    const index = this.shown.indexOf(row);
    const top = index * this.height;
    const { scrollTop, clientHeight } = this.scroller;

    if (index === -1)
      return;
    if (top < scrollTop)
      this.scroller.scrollTop = top;
    else if (top + this.height > scrollTop + clientHeight)
      this.scroller.scrollTop = top + this.height - clientHeight;
    this.following = this.isAtEnd();
    this.draw();
  }

  // The row so many places on; from none the last one that is seen.
  step(count) {
    const { scrollTop, clientHeight } = this.scroller;
    const at = this.shown.indexOf(this.chosen);
    const start = at !== -1 || count === -Infinity
                    ? at + count
                    : Math.floor((scrollTop + clientHeight) / this.height) - 1;
    const row = this.shown[Math.max(0, Math.min(this.shown.length - 1, start))];

    if (row === undefined)
      return;
    this.choose(row);
    this.reveal(row);
  }
}
