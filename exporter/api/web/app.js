// The landing page. What comes over the event stream (see state_encoder.h) is kept in `store`;
// views write into the document what differs from what they wrote before. Every text from outside
// enters through textContent, never as markup.
"use strict";

// ---- theme: at once, before the first paint ------------------------------------------------

const theme = {
  dark: matchMedia("(prefers-color-scheme: dark)"),
  saved() {
    try {
      return localStorage.getItem("theme");
    } catch {
      return null; // storage is forbidden: follow the system
    }
  },
  apply() {
    document.documentElement.dataset.theme = this.saved() || (this.dark.matches ? "dark" : "light");
  },
  flip() {
    const next = document.documentElement.dataset.theme === "dark" ? "light" : "dark";
    document.documentElement.dataset.theme = next;
    try {
      localStorage.setItem("theme", next);
    } catch {
      // Not remembered, then.
    }
  },
};
theme.apply();
theme.dark.addEventListener("change", () => theme.apply());

// ---- formats -------------------------------------------------------------------------------

const BYTE_UNITS = ["B", "kB", "MB", "GB", "TB", "PB", "EB"];
const BIT_UNITS = ["bit/s", "kbit/s", "Mbit/s", "Gbit/s", "Tbit/s", "Pbit/s"];
const NONE = { n: "—", u: "" };

// Three significant digits, and a decimal unit that keeps the number below 1000.
function scaled(value, units) {
  let i = 0;
  while (value >= 999.5 && i < units.length - 1) {
    value /= 1000;
    i += 1;
  }
  const digits = i === 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
  return { n: value.toFixed(digits), u: units[i] };
}

const bytes = (value) => (value === null ? NONE : scaled(value, BYTE_UNITS));
const bits = (value) => (value === null ? NONE : scaled(value, BIT_UNITS));
const count = (value) => (value === null ? NONE : { n: value.toLocaleString("en"), u: "" });
const joined = ({ n, u }) => (u ? `${n} ${u}` : n);

function span(seconds) {
  const s = Math.max(0, Math.round(seconds));
  if (s < 60) return { n: `${s}`, u: "s" };
  if (s < 3600) return { n: `${Math.floor(s / 60)}`, u: "min" };
  if (s < 48 * 3600) return { n: `${Math.floor(s / 3600)}`, u: "h" };
  return { n: `${Math.floor(s / 86400)}`, u: "d" };
}

function longSpan(seconds) {
  const s = Math.max(0, Math.round(seconds));
  const [d, h, m] = [Math.floor(s / 86400), Math.floor(s / 3600) % 24, Math.floor(s / 60) % 60];
  if (d > 0) return `${d} d ${h} h`;
  if (h > 0) return `${h} h ${m} min`;
  return m > 0 ? `${m} min ${s % 60} s` : `${s} s`;
}

function millis(seconds) {
  const ms = seconds * 1000;
  if (ms >= 1000) return { n: `${Number(seconds.toFixed(1))}`, u: "s" };
  return { n: ms < 1 ? ms.toFixed(2) : ms < 100 ? ms.toPrecision(2) : ms.toFixed(0), u: "ms" };
}

const clockTime = (ms) => new Date(ms).toLocaleString("sv");

// ---- the state -----------------------------------------------------------------------------

const ACCESSES = ["hotspot", "pppoe"];
const PERIODS = ["today", "month", "total"];

// Numbers to show and sort by; the exact bytes stay strings until somebody asks for them.
function pair(usages, field) {
  if (usages.length === 0) return null;
  let down = 0;
  let up = 0;
  for (const usage of usages) {
    down += Number(usage[field][0]);
    up += Number(usage[field][1]);
  }
  return { down, up, sum: down + up };
}

function rateOf(usages) {
  const rates = usages.map((usage) => usage.rate).filter((rate) => rate !== null);
  if (rates.length === 0) return null;
  const now = { down: 0, up: 0, sum: 0, approx: false };
  for (const [down, up, window] of rates) {
    now.down += down;
    now.up += up;
    now.sum += down + up;
    now.approx ||= window > 60;
  }
  return now;
}

function newest(usages) {
  const times = usages.map((usage) => usage.at).filter((at) => at !== null);
  return times.length ? Math.max(...times) : null;
}

function tenantOf(raw) {
  const usages = ACCESSES.map((access) => raw[access]).filter(Boolean);
  const tenant = { raw, id: raw.id, name: raw.name.trim() ? raw.name : raw.id, plan: raw.plan };
  tenant.find = `${raw.name}\n${raw.id}\n${raw.plan}`.toLowerCase();
  tenant.now = rateOf(usages);
  for (const period of PERIODS) tenant[period] = pair(usages, period);
  for (const access of ACCESSES) tenant[access] = raw[access] ? raw[access].sessions : null;
  tenant.quota = raw.quota === undefined ? null : Number(raw.quota);
  tenant.used = tenant.quota && tenant.month ? tenant.month.sum / tenant.quota : null;
  tenant.at = newest(usages);
  tenant.stale = usages.reduce((sum, usage) => sum + usage.stale, 0);
  return tenant;
}

const store = {
  status: null,
  tenants: new Map(),
  history: [],

  full(event) {
    this.tenants.clear();
    this.history = [];
    this.delta({ ...event, removed: [] });
  },
  delta(event) {
    this.status = event.status;
    for (const raw of event.tenants) this.tenants.set(raw.id, tenantOf(raw));
    for (const id of event.removed) this.tenants.delete(id);
    this.history.push(...event.history);
    const horizon = event.status.at - 15 * 60_000;
    while (this.history.length && this.history[0][0] < horizon) this.history.shift();
  },
};

// The exporter's clock as this page knows it: the browser's own may be minutes off.
const remote = {
  base: null,
  set(ms) {
    this.base = ms - performance.now();
  },
  // By something that may have been under way for a while: never back.
  advance(ms) {
    this.base = Math.max(this.base ?? -Infinity, ms - performance.now());
  },
  now() {
    return this.base === null ? Date.now() : this.base + performance.now();
  },
  age(ms) {
    return (this.now() - ms) / 1000;
  },
};

// ---- the event stream ----------------------------------------------------------------------

// By fetch and not by EventSource: that one neither tells when it will try again nor sends
// Last-Event-ID from a new object, and can't be told to hurry.
const SILENCE = 40_000; // ms; the server sends a heartbeat every 15 s
const LONGEST_PAUSE = 30_000;

class Stream {
  constructor(onEvent, onChange) {
    this.onEvent = onEvent;
    this.onChange = onChange;
    this.state = "connecting"; // or "open", "waiting"
    this.lastId = "";
    this.failures = 0;
    this.why = "";
  }

  async connect() {
    clearTimeout(this.timer);
    this.retryAt = 0; // now: whoever is in a hurry need not begin a second one
    this.abort = new AbortController();
    try {
      await this.read(await this.open());
      this.why = "the exporter closed the stream";
    } catch (error) {
      this.why = error.said || (this.abort.signal.aborted ? "no word for 40 s" : "the exporter does not answer");
    }
    clearTimeout(this.watchdog);
    this.pause();
  }

  async open() {
    this.watch();
    const headers = this.lastId ? { "Last-Event-ID": this.lastId } : {};
    const response = await fetch("events", { headers, cache: "no-store", signal: this.abort.signal });
    if (response.ok) return response.body.getReader();
    const text = await response.text();
    throw Object.assign(new Error(), { said: `the exporter answers ${response.status}: ${text.slice(0, 200).trim()}` });
  }

  async read(reader) {
    const decoder = new TextDecoder();
    let buffer = "";
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      this.watch();
      const events = (buffer + decoder.decode(value, { stream: true })).split("\n\n");
      buffer = events.pop();
      for (const text of events) this.take(text);
    }
  }

  take(text) {
    const event = { type: "message", data: "" };
    for (const line of text.split("\n")) {
      if (line.startsWith("event: ")) event.type = line.slice(7);
      if (line.startsWith("data: ")) event.data = line.slice(6);
      if (line.startsWith("id: ")) this.lastId = line.slice(4);
    }
    this.failures = 0;
    this.set("open");
    if (event.data) this.onEvent(event.type, JSON.parse(event.data));
  }

  watch() {
    clearTimeout(this.watchdog);
    this.watchdog = setTimeout(() => this.abort.abort(), SILENCE);
  }

  // 1, 2, 4… s, and up to a quarter more, so that many pages do not come back in one moment.
  pause() {
    const pause = Math.min(LONGEST_PAUSE, 1000 * 2 ** this.failures) * (1 + Math.random() / 4);
    this.failures += 1;
    this.retryAt = performance.now() + pause;
    this.timer = setTimeout(() => this.connect(), pause);
    this.set("waiting");
  }

  hurry() {
    if (this.state === "waiting" && this.retryAt > performance.now()) this.connect();
  }

  set(state) {
    const changed = this.state !== state;
    this.state = state;
    if (changed) this.onChange();
  }
}

// ---- writing into the document -------------------------------------------------------------

const $ = (id) => document.getElementById(id);

function make(tag, className, ...children) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  node.append(...children);
  return node;
}

// Writes only what is new: most cells of most rows stay as they are.
function setText(node, text) {
  if (node.shown === text) return;
  node.shown = text;
  node.textContent = text;
}

function setData(node, name, value) {
  if (node.dataset[name] === value) return;
  if (value === undefined) delete node.dataset[name];
  else node.dataset[name] = value;
}

// A number and its unit in `node`, as two spans that stay.
function setQuantity(node, { n, u }) {
  if (!node.number) {
    node.number = make("span", "n");
    node.unit = make("span", "u");
    node.replaceChildren(node.number, " ", node.unit);
  }
  setText(node.number, n);
  setText(node.unit, u);
}

// ---- health: is what the page shows true now? ----------------------------------------------

const LATE_CYCLES = 3;

// As of the snapshot: whether that one is old is another question.
function sourceState(source) {
  if (!source.up) return source.cycles === 0 ? "starting" : "down";
  const limit = LATE_CYCLES * (source.interval || store.status.cycle) + 1000;
  return source.success === null || store.status.at - source.success > limit ? "late" : "up";
}

function lateness(source) {
  if (source.success === null) return `${source.name} has not been read yet`;
  if (!source.up) return `${source.name} is down`;
  return `${source.name}: ${joined(span(remote.age(source.success)))} old`;
}

function health(stream) {
  if (stream.state === "connecting") return { state: "connecting", detail: "" };
  if (stream.state === "waiting") return { state: "disconnected", detail: countdown(stream) };
  const status = store.status;
  if (!status) return { state: "stale", detail: "waiting for the first cycle" };
  const age = remote.age(status.at);
  if (age * 1000 > LATE_CYCLES * status.cycle + 1000) return { state: "stale", detail: `last update ${joined(span(age))} ago` };
  const late = status.sources.filter((source) => sourceState(source) !== "up");
  if (late.length) return { state: "stale", detail: late.map(lateness).join(", ") };
  if (!status.ledger.up) return { state: "stale", detail: "the ledger is down" };
  if (!status.ready) return { state: "stale", detail: "not ready" };
  return { state: "live", detail: `${joined(span(age))} ago` };
}

function countdown(stream) {
  const left = Math.ceil((stream.retryAt - performance.now()) / 1000);
  return left > 0 ? `retry in ${left} s` : "retrying";
}

const ICON_COLOURS = { live: "#1a9c4b", stale: "#e39b12", disconnected: "#d6362c", connecting: "#7b8794" };

function iconFor(state) {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="9" fill="${ICON_COLOURS[state]}"/>` +
    `<path d="M12 7v15m-5-5 5 5 5-5M21.5 24V11m-4 4 4-4 4 4" fill="none" stroke="#fff" stroke-width="3" stroke-linecap="round" stroke-linejoin="round"/></svg>`;
  return `data:image/svg+xml,${encodeURIComponent(svg)}`;
}

const badge = {
  show({ state, detail }) {
    setText($("badge-state"), state);
    setText($("badge-detail"), detail);
    setText(document.querySelector("title"), `${this.headline(state)} · usage_exporter`);
    if (document.body.dataset.state === state && $("favicon").href !== "data:,") return;
    document.body.dataset.state = state;
    $("favicon").href = iconFor(state);
  },
  headline(state) {
    const last = store.history.at(-1);
    return state === "live" && last ? `↓ ${joined(bits(last[1]))}` : state;
  },
};

const notice = {
  show(stream) {
    const text = this.text(stream);
    $("notice").hidden = text === "";
    setText($("notice-text"), text);
    $("retry").hidden = stream.state !== "waiting";
  },
  text(stream) {
    const status = store.status;
    if (stream.state === "waiting") {
      return `Not connected: ${stream.why}.` + (status ? ` These are the numbers of ${clockTime(status.at)}.` : "");
    }
    return status && !status.ready ? `Not ready yet:\n${status.waiting.trim()}` : "";
  },
};

// ---- header, fleet -------------------------------------------------------------------------

function showProcess({ process }) {
  const revision = process.revision ? ` (${process.revision.slice(0, 10)})` : "";
  setText($("version"), `${process.version}${revision}`);
  setText(
    $("process"),
    `${process.cycles.toLocaleString("en")} snapshots, the last one made in ${joined(millis(process.build_seconds))} · ` +
      `CPU ${process.cpu_seconds.toFixed(1)} s · memory ${joined(bytes(Number(process.resident)))} · ${process.fds} open files`,
  );
}

function showUptime() {
  if (store.status) setText($("uptime"), `up ${longSpan(remote.age(store.status.process.started))}`);
}

function sumOf(tenants, field) {
  let total = null;
  for (const tenant of tenants) {
    const value = tenant[field];
    if (value === null) continue;
    total ??= { down: 0, up: 0, sum: 0 };
    total.down += value.down;
    total.up += value.up;
    total.sum += value.sum;
  }
  return total;
}

function sessionsOf(tenants, access) {
  let total = null;
  for (const tenant of tenants) if (tenant[access] !== null) total = (total ?? 0) + tenant[access];
  return total;
}

function showFleet() {
  const tenants = [...store.tenants.values()];
  const now = sumOf(tenants, "now");
  setQuantity($("now-down"), bits(now && now.down));
  setQuantity($("now-up"), bits(now && now.up));
  for (const period of ["today", "month"]) {
    const volume = sumOf(tenants, period);
    setQuantity($(`${period}-sum`), bytes(volume && volume.sum));
    setQuantity($(`${period}-down`), bytes(volume && volume.down));
    setQuantity($(`${period}-up`), bytes(volume && volume.up));
  }
  showSessions(...ACCESSES.map((access) => sessionsOf(tenants, access)));
}

function showSessions(hotspot, pppoe) {
  setQuantity($("sessions-sum"), count(hotspot === null && pppoe === null ? null : hotspot + pppoe));
  setQuantity($("sessions-hotspot"), count(hotspot));
  setQuantity($("sessions-pppoe"), count(pppoe));
  $("share-hotspot").style.flexGrow = hotspot ?? 0;
  $("share-pppoe").style.flexGrow = pppoe ?? 0;
}

// Download above the axis, upload below it, in one scale.
const chart = {
  show() {
    const points = store.history;
    const peak = { down: 0, up: 0 };
    for (const [, down, up] of points) {
      peak.down = Math.max(peak.down, down);
      peak.up = Math.max(peak.up, up);
    }
    const scale = 100 / (peak.down + peak.up || 1);
    const axis = peak.down + peak.up ? peak.down * scale : 100;
    this.draw("down", points, ([, down]) => axis - down * scale, axis);
    this.draw("up", points, ([, , up]) => axis + up * scale, axis);
    const line = document.querySelector(".axis");
    line.setAttribute("y1", axis);
    line.setAttribute("y2", axis);
    this.label(points, peak);
  },
  draw(name, points, y, axis) {
    const end = store.status.at;
    const at = (point) => `${(180 - (end - point[0]) / 5000).toFixed(2)} ${y(point).toFixed(2)}`;
    const line = points.length > 1 ? `M${points.map(at).join("L")}` : "";
    const edge = (point) => (180 - (end - point[0]) / 5000).toFixed(2);
    const area = line && `${line}L${edge(points.at(-1))} ${axis}L${edge(points[0])} ${axis}Z`;
    document.querySelector(`.line-${name}`).setAttribute("d", line);
    document.querySelector(`.area-${name}`).setAttribute("d", area);
  },
  label(points, peak) {
    const text = points.length ? `peak ↓ ${joined(bits(peak.down))}, ↑ ${joined(bits(peak.up))}` : "";
    setText($("chart-peak"), text);
    $("chart").setAttribute("aria-label", `Traffic of the last 15 minutes; ${text || "no data yet"}`);
  },
};

// ---- cards ---------------------------------------------------------------------------------

class Card {
  constructor(facts) {
    this.title = make("h3");
    this.type = make("span", "type");
    this.pill = make("span", "pill");
    this.facts = facts.map((label) => [make("dt", "", label), make("dd", "q")]);
    this.slots = new Map();
    this.extra = make("div");
    this.foot = make("p", "foot");
    const list = make("dl", "facts", ...this.facts.map((fact) => make("div", "", ...fact)));
    this.node = make("article", "card", make("div", "card-head", this.title, this.type, this.pill), list, this.foot, this.extra);
  }

  head(title, type, state, word) {
    setText(this.title, title);
    setText(this.type, type);
    setData(this.node, "state", state);
    setText(this.pill, word ?? state);
  }

  fact(i, quantity, tone) {
    const [, value] = this.facts[i];
    setQuantity(value, quantity);
    setData(value, "tone", tone);
  }

  // Remarks, advice and the like, each in a slot of its own. Made anew only when they differ, so
  // that what somebody has selected stays; and what was opened stays open.
  more(name, content, build) {
    const key = JSON.stringify(content);
    const slot = this.slots.get(name) ?? this.addSlot(name);
    if (slot.key === key) return;
    slot.key = key;
    const open = [...slot.querySelectorAll("details")].map((details) => details.open);
    slot.replaceChildren(...build(content));
    slot.querySelectorAll("details").forEach((details, i) => (details.open = open[i] ?? false));
  }

  addSlot(name) {
    const slot = make("div");
    this.slots.set(name, slot);
    this.extra.append(slot);
    return slot;
  }
}

function remark(tone, text, at) {
  const node = make("p", "remark", text);
  node.dataset.tone = tone;
  if (at) node.append(make("time", "", `last at ${clockTime(at)}`));
  return node;
}

// An advice's statement, if it has one: what a person would paste into psql.
const STATEMENT = /\b(?:CREATE|ALTER|GRANT|ANALYZE)\b[^]*/;

function advice(text) {
  const found = text.match(STATEMENT);
  const prose = (found ? text.slice(0, found.index) : text).trim();
  const box = make("div", "advice");
  if (prose) box.append(make("p", "", prose));
  if (found) box.append(make("pre", "", found[0].trim()), copyButton(found[0].trim()));
  return box;
}

// A source with hundreds of schemas can have hundreds of these.
const ADVICE_SHOWN = 3;

function advices(texts) {
  const boxes = texts.map(advice);
  if (boxes.length <= ADVICE_SHOWN) return boxes;
  const more = make("summary", "", `${boxes.length - ADVICE_SHOWN} more of this kind`);
  return [...boxes.slice(0, ADVICE_SHOWN), make("details", "cases", more, ...boxes.slice(ADVICE_SHOWN))];
}

function copyButton(text) {
  const button = make("button", "copy", "Copy");
  button.type = "button";
  button.addEventListener("click", async () => {
    setText(button, (await copy(text)) ? "Copied" : "Select and copy it by hand");
    setTimeout(() => setText(button, "Copy"), 2000);
  });
  return button;
}

// navigator.clipboard exists in secure contexts only: not on http:// but for this machine.
async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = make("textarea", "hidden");
    area.value = text;
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  }
}

function cases(list) {
  if (!list.length) return [];
  const rows = list.map(([name, n]) => make("tr", "", make("td", "", name.replaceAll("_", " ")), make("td", "", n.toLocaleString("en"))));
  const summary = make("summary", "", `${rows.length} kinds of doubtful rows`);
  return [make("details", "cases", summary, make("table", "", make("tbody", "", ...rows)))];
}

function sourceRemarks(source) {
  const nodes = [];
  if (source.error) nodes.push(remark("bad", source.error, source.error_at));
  if (source.unattributed_sessions) nodes.push(remark("warn", unattributed(source)));
  if (source.refused) nodes.push(remark("warn", `${source.refused} sessions grow faster than a line can carry and are not counted until they are plausible again`));
  if (source.missed) nodes.push(remark("warn", `${source.missed.toLocaleString("en")} readings were left out, because the one before took too long`));
  return nodes;
}

function unattributed(source) {
  const sum = source.unattributed.reduce((total, n) => total + Number(n), 0);
  return `${source.unattributed_sessions.toLocaleString("en")} sessions of unknown tenants, ${joined(bytes(sum))}`;
}

function sourceFoot({ interval, cycles, changed }) {
  const every = interval ? `every ${joined(millis(interval / 1000))}` : `${cycles.toLocaleString("en")} times`;
  return `Read ${every}, ${changed.toLocaleString("en")} changes booked`;
}

// What sourceRemarks() reads.
function remarked({ error, error_at, unattributed_sessions, unattributed: volume, refused, missed }) {
  return { error, error_at, unattributed_sessions, unattributed: volume, refused, missed };
}

const cards = {
  sources: [],
  ledger: null,

  // Every second: ages go on while nothing comes.
  show() {
    if (!store.status) return;
    this.match(store.status.sources.length);
    store.status.sources.forEach((source, i) => this.showSource(this.sources[i], source));
    this.showLedger(store.status);
  },
  match(length) {
    if (this.ledger && this.sources.length === length) return;
    while (this.sources.length < length) this.sources.push(new Card(["since read", "open rows", "reading", "failed"]));
    this.sources.length = length;
    this.ledger ??= new Card(["commits", "last commit", "restated", "unbalanced"]);
    $("cards").replaceChildren(...this.sources.map((card) => card.node), this.ledger.node);
  },
  showSource(card, source) {
    const state = sourceState(source);
    card.head(source.name, source.type, state);
    card.fact(0, source.success === null ? NONE : span(remote.age(source.success)), state === "late" ? "warn" : state === "down" ? "bad" : undefined);
    card.fact(1, source.success === null ? NONE : count(source.open));
    card.fact(2, source.success === null ? NONE : millis(source.seconds));
    card.fact(3, count(source.errors), source.errors ? "warn" : undefined);
    setText(card.foot, sourceFoot(source));
    card.more("remarks", remarked(source), sourceRemarks);
    card.more("advice", source.advice, advices);
    card.more("cases", source.cases, cases);
  },
  showLedger({ ledger, tenant_list, process }) {
    const card = this.ledger;
    card.head("Ledger", "", ledger.up ? "up" : "down", ledger.up ? (ledger.writer ? "writes" : "stands by") : "down");
    card.fact(0, count(ledger.commits));
    card.fact(1, ledger.commits ? millis(ledger.seconds) : NONE);
    card.fact(2, count(ledger.restated));
    card.fact(3, count(ledger.violations), ledger.violations ? "bad" : undefined);
    setText(card.foot, ledgerFoot(tenant_list, process));
    card.more("remarks", { ledger: ledger.error, list: tenant_list, reload: [process.reload_ok, process.reload_at] }, ledgerRemarks);
  },
};

function ledgerFoot(list, process) {
  const read = list.at === null ? "List of tenants not read yet" : `List of tenants read ${longSpan(remote.age(list.at))} ago`;
  return process.reload_at === null ? read : `${read}; config ${longSpan(remote.age(process.reload_at))} ago`;
}

function ledgerRemarks({ ledger, list, reload }) {
  const nodes = [];
  if (ledger) nodes.push(remark("bad", ledger));
  if (!list.up) nodes.push(remark("bad", `The list of tenants can't be read: ${list.error}`, list.at));
  if (!reload[0]) nodes.push(remark("warn", "The last reload found a bad config: the one before is still in use. The log says what is wrong."));
  return nodes;
}

// ---- the table -----------------------------------------------------------------------------

function setPair(cell, pairOf, format) {
  cell.classList.toggle("none", pairOf === null);
  setQuantity(cell.lines[0], format(pairOf && pairOf.down));
  setQuantity(cell.lines[1], format(pairOf && pairOf.up));
}

function pairCell(cell) {
  cell.lines = [make("span", "down"), make("span", "up")];
  cell.append(...cell.lines);
}

function quotaCell(cell) {
  cell.percent = make("span", "percent");
  cell.of = make("span", "of");
  cell.lines = [make("span", "", cell.percent, " ", cell.of), make("span", "meter", make("span"))];
  cell.append(...cell.lines);
}

function setQuota(cell, tenant) {
  const used = tenant.used;
  const level = used === null ? undefined : used >= 1 ? "bad" : used >= 0.85 ? "warn" : undefined;
  cell.classList.toggle("none", used === null);
  setText(cell.percent, used === null ? "" : percent(used));
  setText(cell.of, tenant.quota === null ? "no quota" : `of ${joined(bytes(tenant.quota))}`);
  setData(cell, "level", level);
  setData(cell.lines[1], "level", level);
  cell.lines[1].hidden = tenant.quota === null;
  cell.lines[1].firstChild.style.width = `${Math.min(100, (used ?? 0) * 100).toFixed(1)}%`;
}

const percent = (share) => `${(share * 100).toFixed(share < 0.0995 ? 1 : 0)} %`;

function lineCell(cell) {
  cell.lines = [make("span")];
  cell.append(...cell.lines);
}

function setCount(cell, value) {
  cell.classList.toggle("none", value === null);
  setQuantity(cell.lines[0], count(value));
}

const volumeColumn = (field, title, sub) => ({
  field,
  title,
  sub,
  num: true,
  value: (tenant) => tenant[field] && tenant[field].sum,
  build: pairCell,
  show: (cell, tenant) => setPair(cell, tenant[field], bytes),
  exact: (tenant) => exactPair(tenant, field),
});

const sessionColumn = (field, title) => ({
  field,
  title,
  sub: "sessions",
  num: true,
  value: (tenant) => tenant[field],
  build: lineCell,
  show: (cell, tenant) => setCount(cell, tenant[field]),
  exact: (tenant) => (tenant[field] === null ? "no data" : `${tenant[field].toLocaleString("en")} open, ${tenant.raw[field].stale} of them without news`),
});

const COLUMNS = [
  {
    field: "name",
    title: "Tenant",
    sub: "id",
    value: (tenant) => tenant.name,
    build(cell) {
      cell.lines = [make("span", "name"), make("span", "id")];
      for (const line of cell.lines) line.dir = "auto";
      cell.append(...cell.lines);
    },
    show(cell, tenant) {
      setText(cell.lines[0], tenant.name);
      setText(cell.lines[1], tenant.id);
    },
    exact: (tenant) => `${tenant.name}\n${tenant.id}\n${tenant.raw.zone}`,
  },
  {
    field: "plan",
    title: "Plan",
    sub: "",
    value: (tenant) => tenant.plan || null,
    build: lineCell,
    show: (cell, tenant) => setText(cell.lines[0], tenant.plan),
    exact: (tenant) => tenant.plan,
  },
  {
    field: "now",
    title: "Now",
    sub: "1 min mean, ~ 10 min",
    num: true,
    value: (tenant) => tenant.now && tenant.now.sum,
    build: pairCell,
    show(cell, tenant) {
      setPair(cell, tenant.now, (value) => approximate(bits(value), tenant.now));
    },
    exact: (tenant) => rateText(tenant.now),
  },
  volumeColumn("today", "Today", "own local day"),
  volumeColumn("month", "Month", "billing month"),
  {
    field: "quota",
    title: "Quota",
    sub: "used this month",
    value: (tenant) => tenant.used,
    build: quotaCell,
    show: setQuota,
    exact: (tenant) => (tenant.quota === null ? "no quota" : `quota ${exact(BigInt(tenant.raw.quota))}`),
  },
  volumeColumn("total", "Total", "of all time"),
  sessionColumn("hotspot", "Hotspot"),
  sessionColumn("pppoe", "PPPoE"),
  {
    field: "age",
    title: "Age",
    sub: "of the data",
    num: true,
    value: (tenant) => (tenant.at === null ? null : -tenant.at),
    build: lineCell,
    show(cell, tenant) {
      cell.classList.toggle("none", tenant.at === null);
      setQuantity(cell.lines[0], tenant.at === null ? NONE : span(remote.age(tenant.at)));
      setData(cell, "tone", tenant.stale > 0 ? "warn" : undefined);
    },
    exact: (tenant) => (tenant.at === null ? "no data" : `newest data ${clockTime(tenant.at)}; ${tenant.stale} open sessions without news`),
  },
];

const approximate = (quantity, now) => (now && now.approx ? { ...quantity, n: `~${quantity.n}` } : quantity);
const exact = (n) => `${n.toLocaleString("en")} bytes`;

function exactPair({ raw }, field) {
  const usages = ACCESSES.map((access) => raw[access]).filter(Boolean);
  if (usages.length === 0) return "no data";
  const sum = (i) => usages.reduce((total, usage) => total + BigInt(usage[field][i]), 0n);
  return `download ${exact(sum(0))}\nupload ${exact(sum(1))}`;
}

function rateText(now) {
  if (now === null) return "no data";
  const rate = (value) => `${Math.round(value).toLocaleString("en")} bit/s`;
  return `download ${rate(now.down)}\nupload ${rate(now.up)}\nmean of ${now.approx ? 10 : 1} min`;
}

class Row {
  constructor() {
    this.cells = COLUMNS.map((column) => {
      const cell = make("td", `c-${column.field}${column.num ? " num" : ""}`);
      cell.setAttribute("role", "cell");
      cell.dataset.label = column.title;
      cell.column = column;
      cell.row = this;
      column.build(cell);
      return cell;
    });
    this.node = make("tr", "", ...this.cells);
    this.node.setAttribute("role", "row");
  }

  show(tenant, index) {
    this.tenant = tenant;
    this.node.setAttribute("aria-rowindex", index + 2); // 1 is the head
    for (const cell of this.cells) cell.column.show(cell, tenant);
  }
}

const collator = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

function compare(a, b) {
  return typeof a === "string" ? collator.compare(a, b) : a - b;
}

const OVERSCAN = 8;

// Only the rows in sight exist, all of one height (--row); two empty rows stand for the others.
const table = {
  order: [], // the tenants that are shown, sorted
  pool: [], // the rows that exist, in the order of the document
  first: 0, // where in `order` they begin
  sort: { column: COLUMNS.find((column) => column.field === "today"), descending: true },
  needle: "",

  setUp() {
    this.above = this.spacer();
    this.below = this.spacer();
    $("rows").append(this.above, this.below);
    COLUMNS.forEach((column) => this.addHead(column));
    $("rows").addEventListener("mouseover", (event) => this.explain(event));
    $("search").addEventListener("input", () => this.search());
    $("sort-key").addEventListener("change", () => this.sortBy(COLUMNS[$("sort-key").selectedIndex]));
    $("sort-flip").addEventListener("click", () => this.sortBy(this.sort.column));
    this.showSort();
  },
  spacer() {
    const cell = make("td"); // one column: a narrow page shows fewer than there are
    const row = make("tr", "spacer", cell);
    row.setAttribute("aria-hidden", "true");
    row.cell = cell;
    return row;
  },
  addHead(column) {
    column.arrow = make("span", "arrow");
    column.arrow.setAttribute("aria-hidden", "true");
    const title = column.num ? [column.arrow, column.title] : [column.title, column.arrow];
    const button = make("button", "", make("span", "title", ...title), make("span", "sub", column.sub));
    button.type = "button";
    button.addEventListener("click", () => this.sortBy(column));
    column.head = make("th", `c-${column.field}${column.num ? " num" : ""}`, button);
    column.head.scope = "col";
    column.head.setAttribute("role", "columnheader");
    $("head").append(column.head);
    $("sort-key").append(make("option", "", column.title));
  },

  // Numbers begin with the largest, names with the first.
  sortBy(column) {
    const descending = column === this.sort.column ? !this.sort.descending : column.field !== "name" && column.field !== "plan" && column.field !== "age";
    this.sort = { column, descending };
    this.showSort();
    this.update();
  },
  showSort() {
    const { column: current, descending } = this.sort;
    for (const column of COLUMNS) {
      const sorted = column === current;
      column.head.setAttribute("aria-sort", sorted ? (descending ? "descending" : "ascending") : "none");
      setText(column.arrow, sorted ? (descending ? "▾" : "▴") : "");
    }
    $("sort-key").selectedIndex = COLUMNS.indexOf(current);
    setText($("sort-flip"), descending ? "↓" : "↑");
  },
  search() {
    this.needle = $("search").value.trim().toLowerCase();
    this.update();
    const top = $("tenants").getBoundingClientRect().top;
    if (top < 0) $("tenants").scrollIntoView();
  },

  // Tenants without a value come last, whichever way; equals stay in the order of their names.
  update() {
    const { column, descending } = this.sort;
    const keyed = [];
    for (const tenant of store.tenants.values()) {
      if (tenant.find.includes(this.needle)) keyed.push({ tenant, value: column.value(tenant) });
    }
    keyed.sort((a, b) => {
      if (a.value === null || b.value === null) return (a.value === null) - (b.value === null) || collator.compare(a.tenant.name, b.tenant.name);
      const order = compare(a.value, b.value);
      return (descending ? -order : order) || collator.compare(a.tenant.name, b.tenant.name);
    });
    this.order = keyed.map(({ tenant }) => tenant);
    this.showCount();
    this.refresh();
  },
  showCount() {
    const [shown, all] = [this.order.length, store.tenants.size];
    setText($("count"), shown === all ? all.toLocaleString("en") : `${shown.toLocaleString("en")} of ${all.toLocaleString("en")}`);
    $("empty").hidden = shown > 0 || !store.status;
    $("table").hidden = shown === 0;
    setText($("empty"), all ? `No tenant matches “${$("search").value.trim()}”.` : "No tenants yet.");
    $("table").setAttribute("aria-rowcount", all + 1);
  },

  // Every row in sight, since values or ages have changed.
  refresh() {
    this.measure();
    this.place();
    this.pool.forEach((row, i) => row.show(this.order[this.first + i], this.first + i));
  },
  // After scrolling: only the rows that came into sight.
  scroll() {
    this.place();
    this.pool.forEach((row, i) => {
      if (row.tenant !== this.order[this.first + i]) row.show(this.order[this.first + i], this.first + i);
    });
  },
  measure() {
    this.height = parseFloat(getComputedStyle(document.documentElement).getPropertyValue("--row"));
    this.room = Math.ceil(innerHeight / this.height) + 2 * OVERSCAN;
  },
  place() {
    const top = $("rows").getBoundingClientRect().top;
    const last = Math.max(0, this.order.length - this.room);
    const first = Math.min(last, Math.max(0, Math.floor(-top / this.height) - OVERSCAN));
    this.resize(Math.min(this.room, this.order.length));
    this.turn(first - this.first);
    this.first = first;
    this.above.cell.style.height = `${first * this.height}px`;
    this.below.cell.style.height = `${(this.order.length - first - this.pool.length) * this.height}px`;
  },
  resize(length) {
    while (this.pool.length > length) this.pool.pop().node.remove();
    while (this.pool.length < length) {
      const row = new Row();
      this.pool.push(row);
      this.below.before(row.node);
    }
  },
  // Rows that went out of sight at one end come in at the other; those between stay untouched.
  turn(by) {
    if (Math.abs(by) >= this.pool.length) return;
    for (; by > 0; by -= 1) {
      this.pool.push(this.pool.shift());
      this.below.before(this.pool.at(-1).node);
    }
    for (; by < 0; by += 1) {
      this.pool.unshift(this.pool.pop());
      this.above.after(this.pool[0].node);
    }
  },
  // Exact numbers only when somebody points at them: a thousand tooltips a cycle would cost more
  // than the rows.
  explain(event) {
    const cell = event.target.closest("td");
    if (cell && cell.column) cell.title = cell.column.exact(cell.row.tenant);
  },
};

// ---- the whole -----------------------------------------------------------------------------

function start() {
  const stream = new Stream(take, showHealth);
  let pending = 0;

  function take(type, event) {
    if (type === "hello") return remote.set(event.now);
    if (type === "delta") remote.advance(event.status.now);
    store[type](event);
    showProcess(event.status);
    showFleet();
    chart.show();
    table.update();
    showHealth();
    document.body.dataset.at = event.status.at; // which snapshot is shown, for tests
  }

  function showHealth() {
    badge.show(health(stream));
    notice.show(stream);
    showUptime();
    cards.show();
  }

  // What changes by itself: ages, the countdown.
  function tick() {
    showHealth();
    table.refresh();
  }

  function soon(work) {
    if (!pending) pending = requestAnimationFrame(() => ((pending = 0), work()));
  }

  table.setUp();
  showFleet();
  addEventListener("scroll", () => soon(() => table.scroll()), { passive: true });
  addEventListener("resize", () => soon(() => table.refresh()));
  addEventListener("online", () => stream.hurry());
  document.addEventListener("visibilitychange", () => document.hidden || stream.hurry());
  document.addEventListener("keydown", shortcuts);
  $("retry").addEventListener("click", () => stream.hurry());
  $("theme").addEventListener("click", () => theme.flip());
  setInterval(tick, 1000);
  tick();
  stream.connect();
}

function shortcuts(event) {
  const field = $("search");
  if (event.key === "/" && document.activeElement !== field && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.preventDefault();
    field.focus();
  }
  if (event.key === "Escape" && document.activeElement === field) {
    field.value = "";
    table.search();
  }
}

document.addEventListener("DOMContentLoaded", start);
