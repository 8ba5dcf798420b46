// Sends each answer as soon as it is given, keeps what cannot be sent, and shows what follows from an answer.
import { Queue } from "./queue.js";
import { sent, showError, together } from "./fields.js";
import { Ahead } from "./ahead.js";

const form = document.getElementById("survey");
const word = (name) => document.getElementById("survey-words").dataset[name];
const kept = document.getElementById("kept");
const queue = new Queue(form.dataset.code, form.dataset.owner);
const ahead = new Ahead(form);
const SOON = 300, TYPING = 1200, PATIENCE = 8000, SLOWEST = 60000; // milliseconds
let timer = null, failures = 0, sending = null, leaving = false;
let followed = null; // the first question that came up while one was on the way onwards

function say(name, kind) {
  kept.hidden = false;
  kept.className = `kept no-print ${kind}`;
  if (kept.textContent !== word(name)) kept.textContent = word(name);
}

const blockOf = (field) => field.closest("[data-q]");
const blocks = () => [...document.querySelectorAll("#questions > [data-q]")];
const find = (link) => blocks().find((one) => one.dataset.q === link);

// --- noting
function given(event) {
  const block = blockOf(event.target);
  if (!block || !block.querySelector("[name=shown]")) return;
  together(event.target);
  showError(block, "");
  const entry = { link: block.dataset.q, fields: sent(block), at: Date.now(), opened: form.elements.opened.value };
  queue.put(entry);
  ahead.noted(block);
  say("saving", "busy");
  later(event.type === "input" && !["radio", "checkbox"].includes(event.target.type) ? TYPING : SOON);
}

function later(wait) {
  clearTimeout(timer);
  timer = setTimeout(send, wait);
}

// --- sending
async function send() {
  clearTimeout(timer);
  if (sending) return sending;
  sending = sendAll().finally(() => { sending = null; });
  return sending;
}

// Answers whether everything is with the server now.
async function sendAll() {
  while (queue.size) {
    const entries = queue.all().slice(0, 50);
    try {
      const told = await post(entries);
      if (!told) return false;
      failures = 0;
      queue.drop(entries);
      take(told, entries);
    } catch {
      failures += 1;
      say(queue.sealed ? "waiting" : "waitingOpen", "waiting");
      later(Math.min(1000 * 2 ** failures, SLOWEST));
      return false;
    }
  }
  say("saved", "");
  return true;
}

function body(entries) {
  const data = new FormData();
  data.append("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
  data.append("whose", form.dataset.owner);
  data.append("opened", entries[0].opened);
  data.append("number", form.dataset.number);
  for (const block of blocks()) data.append("present", block.dataset.q);
  for (const entry of entries) {
    data.append("shown", entry.link);
    data.append(`age.${entry.link}`, String(Math.max(0, Date.now() - entry.at)));
    for (const [name, value] of entry.fields) data.append(name, value);
  }
  return data;
}

async function post(entries) {
  if (!navigator.onLine) throw new Error("no network");
  const stop = AbortSignal.timeout ? AbortSignal.timeout(PATIENCE) : undefined;
  const way = { method: "POST", body: body(entries), redirect: "manual", signal: stop, keepalive: leaving };
  const answer = await fetch(form.dataset.save, way);
  if (answer.ok) return answer.json();
  if (answer.status >= 500) throw new Error(String(answer.status));
  const plain = answer.headers.get("Content-Type") || "";
  if (answer.status === 403 && plain.includes("json")) {
    say("refused", "waiting");
    return null;
  }
  say("login", "waiting"); // led to the log-in page, or a token of another session
  later(SLOWEST / 2);
  return null;
}

// --- what the server tells
function take(told, entries) {
  for (const entry of entries) {
    const block = find(entry.link);
    if (!block) continue;
    const was = block.querySelector(`[name="was.${CSS.escape(entry.link)}"]`);
    if (was && entry.link in told.marks) was.value = told.marks[entry.link];
    const busy = block.contains(document.activeElement) && document.activeElement.matches("input[type=text], textarea");
    if (!queue.get(entry.link)) showError(block, busy ? "" : told.wrong[entry.link] || "");
    if (busy && told.wrong[entry.link]) document.activeElement.addEventListener("blur", () => {
      if (!queue.get(entry.link)) showError(block, told.wrong[entry.link]);
    }, { once: true });
  }
  if (told.asked) arrange(told);
  if (told.progress) progress(told.progress);
  if ("last_one" in told) onwardsSays(told.last_one);
  for (const [link, words] of Object.entries(told.fixed || {})) {
    const output = find(link)?.querySelector("[data-fixed]");
    if (output) output.textContent = words || "—";
  }
  for (const one of told.overtaken) tell([word("overtaken"), one.text, `${word("stands")} ${one.kept || "—"}`, `${word("other")} ${one.other || "—"}`]);
  if (told.late) tell([told.late]);
  if ("help" in told) help(told.help.trim());
}

function arrange(told) {
  const list = document.getElementById("questions");
  for (const block of blocks()) if (!told.asked.includes(block.dataset.q)) block.remove();
  let before = null;
  for (const link of told.asked) {
    let block = find(link);
    if (!block && told.questions[link]) {
      const mould = document.createElement("template");
      mould.innerHTML = told.questions[link].trim();
      block = mould.content.firstElementChild;
      list.insertBefore(block, before ? before.nextElementSibling : list.firstElementChild);
      followed ||= block;
    }
    if (block) before = block;
  }
  ahead.settled();
}

function progress({ done, total }) {
  const bar = form.querySelector(".how-far progress"), label = form.querySelector(".how-far p span");
  const words = word("progress").replace("{done}", done).replace("{total}", total);
  if (bar) {
    [bar.max, bar.value] = [total, done];
    bar.setAttribute("aria-label", words);
  }
  if (label) label.textContent = words;
}

// More may follow from an answer, or nothing any more.
function onwardsSays(last) {
  form.querySelector("button[value=next]").textContent = word(last ? "lookOver" : "next");
}

function tell(lines) {
  const box = document.createElement("div");
  box.className = "notice caution";
  box.setAttribute("role", "status");
  for (const line of lines) {
    const part = document.createElement("p");
    part.textContent = line;
    box.append(part);
  }
  form.prepend(box);
}

// Help stands at the top as long as the answer does; when it is new, or open again for a worse answer, it takes the focus.
function help(html) {
  const box = document.getElementById("help-now");
  if (!box || box.dataset.html === html) return;
  const stoodOpen = Boolean(box.querySelector("details[open]"));
  box.dataset.html = html;
  box.innerHTML = html;
  if (stoodOpen || !box.querySelector("details[open]")) return;
  box.tabIndex = -1;
  box.focus();
  box.scrollIntoView({ block: "start" });
}

// --- onwards: by the form where there is a network, among the screens that were fetched before where there is none
async function onwards(event) {
  const button = event.submitter;
  if (form.dataset.sure || (!queue.size && !sending && navigator.onLine)) return;
  event.preventDefault();
  followed = null;
  const safe = await send();
  if (!safe || !navigator.onLine) {
    if (["next", "back"].includes(button?.value) && ahead.go(button.value)) {
      onwardsSays(false); // whether more follows after it, only the server knows
      return say("waiting", "waiting");
    }
    return say(queue.size ? (queue.sealed ? "waiting" : "waitingOpen") : "offline", "waiting");
  }
  if (followed && button?.value === "next") { // it follows from an answer that was just given: nobody passes it by unseen
    followed.scrollIntoView({ block: "start" });
    return followed.focus();
  }
  form.dataset.sure = "1";
  setTimeout(() => form.requestSubmit(button)); // not while the browser is still at the first submission
}

async function start() {
  const old = await queue.open(form.dataset.owner, form.dataset.lock);
  form.addEventListener("input", given);
  form.addEventListener("change", given);
  form.addEventListener("submit", onwards);
  addEventListener("online", () => { failures = 0; send(); });
  addEventListener("offline", () => say("offline", "waiting"));
  addEventListener("pagehide", () => { leaving = true; if (queue.size) send(); });
  addEventListener("pageshow", (event) => { delete form.dataset.sure; leaving = false; if (event.persisted) location.reload(); });
  document.addEventListener("visibilitychange", () => { if (document.hidden && queue.size) send(); });
  if (old) {
    const here = queue.all().some((entry) => find(entry.link));
    if ((await send()) && here) return location.reload(); // what waited here shows in its fields now
  }
  form.dataset.ready = "1";
  if (form.dataset.worker) navigator.serviceWorker?.register(form.dataset.worker).catch(() => { /* then the browser's own page shows */ });
  ahead.fetch();
}

start();
