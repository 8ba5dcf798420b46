// The screens that come next, fetched while there is a network and kept in memory alone, so that one can go on without.
// What is asked there is worked out here by the same rules; the server decides again when the answers arrive.

const same = (left, right) => left === right;
const ORDERED = { ">": (a, b) => a > b, "<": (a, b) => a < b, ">=": (a, b) => a >= b, "<=": (a, b) => a <= b };

export function holds([question, operator, value], answers) {
  const given = answers(question);
  if (operator === "exists") return Boolean(given.length) === value;
  if (!given.length) return operator === "!=";
  if (operator === "!=") return !given.some((one) => same(one, value));
  if (operator === "=") return given.some((one) => same(one, value));
  return given.some((one) => typeof one === typeof value && ORDERED[operator](one, value));
}

function valuesOf(block) {
  const type = block.dataset.type, link = block.dataset.q;
  const field = (end) => block.querySelector(`[name="${CSS.escape(link + end)}"]`);
  const chosen = [...block.querySelectorAll("input[type=radio]:checked, input[type=checkbox]:checked")].map((one) => one.value);
  if (type === "boolean") return chosen.map((one) => one === "yes");
  if (type === "choice" || type === "open-choice") {
    const listed = field("");
    return listed && listed.tagName === "SELECT" ? [listed.value].filter(Boolean) : chosen;
  }
  if (type === "date") {
    const [year, month, day] = ["year", "month", "day"].map((part) => field(`.${part}`)?.value.trim() || "");
    return year ? [[year, month.padStart(2, "0"), day.padStart(2, "0")].filter((one) => one !== "00").join("-")] : [];
  }
  const text = (field("")?.value || "").trim();
  if (!text) return [];
  return ["integer", "decimal"].includes(type) ? [Number(text.replace(",", ""))] : [text];
}

export class Ahead {
  constructor(form) {
    this.form = form;
    this.screens = [];
    this.rules = {};
    this.given = new Map();
    this.behind = [];
  }

  async fetch() {
    if (!navigator.onLine) return;
    try {
      const answer = await fetch(this.form.dataset.ahead, { redirect: "manual" });
      if (!answer.ok) return;
      const told = await answer.json();
      this.screens = told.screens;
      this.rules = told.rules;
      for (const [link, values] of Object.entries(told.known)) if (!this.given.has(link)) this.given.set(link, values);
      this.form.dataset.aheadReady = String(this.screens.length);
    } catch { /* no network: then there is nothing ahead */ }
  }

  noted(block) {
    this.given.set(block.dataset.q, valuesOf(block));
    if (this.offline) this.show();
  }

  settled() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => { if (!this.offline) this.fetch(); }, 1500);
  }

  enabled(link, seen = new Set()) {
    const rule = this.rules[link];
    if (!rule) return true; // of an earlier screen: the server's word
    if (seen.has(link)) return false;
    seen = new Set(seen).add(link);
    const answers = (question) => (this.enabled(question, seen) ? this.given.get(question) || [] : []);
    if (rule.parent && !(this.enabled(rule.parent, seen) && (!rule.under || answers(rule.parent).length))) return false;
    if (!rule.when.length) return true;
    const outcomes = rule.when.map((one) => holds(one, answers));
    return rule.all ? outcomes.every(Boolean) : outcomes.some(Boolean);
  }

  asks(screen) {
    return screen.links.some((link) => this.enabled(link));
  }

  // Shows the next or the last screen; false where there is none in memory.
  go(way) {
    return way === "back" ? this.back() : this.next();
  }

  next() {
    const from = Number(this.form.dataset.number);
    const screen = this.screens.find((one) => one.number > from && this.asks(one));
    if (!screen) return false;
    const reading = document.getElementById("reading");
    this.behind.push({ number: from, url: location.pathname, node: reading });
    const fresh = reading.cloneNode(false);
    fresh.innerHTML = screen.html;
    this.put(fresh, screen.number, screen.url);
    return true;
  }

  back() {
    const last = this.behind.pop();
    if (!last) return false;
    const here = document.getElementById("reading");
    this.screens = this.screens.map((one) => (one.url === location.pathname ? { ...one, node: here } : one));
    this.put(last.node, last.number, last.url);
    return true;
  }

  put(node, number, url) {
    const kept = this.screens.find((one) => one.number === number)?.node;
    document.getElementById("reading").replaceWith(kept || node);
    this.form.dataset.number = String(number);
    this.form.action = url;
    history.replaceState(null, "", url);
    this.show();
    scrollTo(0, 0);
    document.querySelector("#reading h1")?.setAttribute("tabindex", "-1");
    document.querySelector("#reading h1")?.focus();
  }

  get offline() {
    return this.behind.length > 0;
  }

  show() {
    for (const block of document.querySelectorAll("#questions > [data-q]")) block.hidden = !this.enabled(block.dataset.q);
  }
}
