// The event page: a passphrase opens it, forms fill it, "Send now" empties it. Words stand in the page, in its language.
import * as vault from "./event-vault.js";

const BATCH = 25; // of the longest entries these stay below what the server takes at once
const by = (id) => document.getElementById(id);
const word = (name) => by("words").dataset[name];
const page = by("event");
let session = null;
let changing = null; // the entry that is being corrected, by its form

function say(text, kind = "") {
  by("said").className = text ? `notice ${kind}` : "";
  by("said").textContent = text;
}

// --- without a network
async function keepPage() {
  if (!("serviceWorker" in navigator)) return;
  await navigator.serviceWorker.register(page.dataset.worker);
  await navigator.serviceWorker.ready;
  const parts = [...document.querySelectorAll("link[href], script[src]")].map((one) => one.href || one.src);
  const modules = performance.getEntriesByType("resource").map((one) => one.name);
  const wanted = new Set([...parts, ...modules].filter((url) => new URL(url).pathname.startsWith("/static/")));
  const cache = await caches.open("event");
  if (navigator.onLine) await cache.addAll([location.pathname, ...wanted]).catch(() => {});
  if (await cache.match(location.pathname, { ignoreVary: true })) by("kept").hidden = false;
  if (navigator.storage && navigator.storage.persist) navigator.storage.persist();
}

function showLine() {
  by("line").textContent = navigator.onLine ? word("online") : word("offline");
  by("line").className = `badge ${navigator.onLine ? "good" : "caution"}`;
}

// --- opening
async function showLock() {
  const begun = await vault.begun();
  by("begin").hidden = begun || Boolean(session);
  by("open").hidden = !begun || Boolean(session);
  by("work").hidden = !session;
  by("forget").hidden = !begun;
  by("waiting").textContent = String(await vault.count());
}

async function begin(event) {
  event.preventDefault();
  const [first, again] = [by("new_passphrase").value, by("new_passphrase_again").value];
  if (first.length < 12) return say(word("short"), "bad");
  if (first !== again) return say(word("differ"), "bad");
  session = await vault.begin(first, by("site").value).catch(() => null);
  if (!session) return showLock();
  await entered();
}

async function open(event) {
  event.preventDefault();
  say(word("opening"));
  session = await vault.open(by("passphrase").value);
  if (!session) return say(word("wrong"), "bad");
  await entered();
}

async function entered() {
  for (const form of [by("begin"), by("open")]) form.reset();
  say("");
  await showLock();
  await list();
  by("work").focus();
}

async function forget(event) {
  event.preventDefault();
  if (!by("forget_sure").checked) return say(word("tick"), "bad");
  await vault.forget();
  session = null;
  by("forget").querySelector("form").reset();
  by("forget").open = false;
  by("entries").replaceChildren();
  say(word("forgotten"));
  await showLock();
}

// --- noting
function local(moment) {
  const shift = -moment.getTimezoneOffset();
  const two = (n) => String(Math.floor(Math.abs(n))).padStart(2, "0");
  const day = new Date(moment.getTime() + shift * 60000).toISOString().slice(0, 19);
  return `${day}${shift < 0 ? "-" : "+"}${two(shift / 60)}:${two(shift % 60)}`;
}

async function note(event) {
  event.preventDefault();
  const form = event.target;
  if (!form.reportValidity()) return;
  const document = Object.fromEntries([...new FormData(form)].filter(([, value]) => value !== ""));
  const before = changing && changing.kind === form.dataset.kind ? changing : null;
  const entry = {
    key: before ? before.key : crypto.randomUUID(),
    kind: form.dataset.kind,
    noted_at: before ? before.noted_at : local(new Date()),
    document,
  };
  await session.keep(entry); // only what is written to the disk is cleared from the form
  changing = null;
  form.reset();
  form.closest("details").open = false;
  say(word("saved"), "good");
  await list();
}

function correct(entry) {
  const form = document.querySelector(`form[data-kind="${entry.kind}"]`);
  form.reset();
  for (const [name, value] of Object.entries(entry.document)) {
    const field = form.elements[name];
    if (field.type === "checkbox") field.checked = value === "on";
    else field.value = value;
  }
  changing = entry;
  form.closest("details").open = true;
  form.elements[0].focus();
}

// A correction that is left is over: what is written next into the form is an entry of its own.
function left(event) {
  const form = event.target.querySelector("form[data-kind]");
  if (event.target.open || !changing || changing.kind !== form.dataset.kind) return;
  changing = null;
  form.reset();
}

// --- the list
function button(text, kind, act) {
  const one = document.createElement("button");
  one.type = "button";
  one.className = `button ${kind}`;
  one.textContent = text;
  one.addEventListener("click", act);
  return one;
}

function remove(entry, place) {
  const sure = button(word("sure"), "grave", async () => {
    await session.drop([entry.key]);
    await list();
  });
  place.replaceWith(sure);
  sure.focus();
}

function row(entry) {
  const item = document.createElement("li");
  const { document: said } = entry;
  const who = [said.given_name, said.family_name].filter(Boolean).join(" ") || said.contact_name || said.participant_id;
  const told = document.createElement("p");
  told.textContent = `${word(entry.kind)}: ${who} · ${entry.noted_at.slice(0, 16).replace("T", " ")}`;
  item.append(told);
  if (entry.why) {
    const why = document.createElement("p");
    why.className = "error";
    why.textContent = `${word("rejected")} ${entry.why}`;
    item.append(why);
  }
  const away = button(word("remove"), "quiet", () => remove(entry, away));
  const actions = document.createElement("div");
  actions.className = "actions";
  actions.append(button(word("change"), "quiet", () => correct(entry)), away);
  item.append(actions);
  return item;
}

async function list() {
  const entries = await session.all();
  by("waiting").textContent = String(entries.length);
  by("entries").replaceChildren(...entries.map(row));
  by("send").disabled = entries.length === 0;
  return entries;
}

// --- sending: what the server has not answered for stays on the device
async function send() {
  say(word("sending"));
  by("send").disabled = true;
  try {
    const left = (await session.all()).map((entry) => entry);
    const counts = { accepted: 0, unchanged: 0, rejected: 0 };
    while (left.length) await sendSome(left.splice(0, BATCH), counts);
    const told = word("sent").replace("{accepted}", counts.accepted).replace("{unchanged}", counts.unchanged);
    say(told.replace("{rejected}", counts.rejected), counts.rejected ? "caution" : "good");
  } catch (error) {
    say(error instanceof Plain ? error.message : word("nosend"), "caution");
  }
  await list();
}

class Plain extends Error {}

async function sendSome(entries, counts) {
  const known = await fetch(page.dataset.session, { redirect: "manual", cache: "no-store" });
  if (!known.ok) throw new Plain(word("login"));
  const { token } = await known.json();
  const answer = await fetch(page.dataset.send, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-CSRFToken": token },
    body: JSON.stringify({ site: session.site, entries }),
  });
  const told = await answer.json();
  if (!answer.ok) throw new Plain(told.why || word("nosend"));
  const here = new Map((await session.all()).map((entry) => [entry.key, entry]));
  const same = (entry) => JSON.stringify(here.get(entry.key)) === JSON.stringify(entry);
  const there = new Map(entries.filter(same).map((entry) => [entry.key, entry])); // not what was corrected meanwhile
  for (const one of told.outcomes) {
    counts[one.outcome] += 1;
    if (one.outcome === "rejected" && there.has(one.key)) await session.keep({ ...there.get(one.key), why: one.why });
  }
  await session.drop(told.outcomes.filter((one) => one.outcome !== "rejected" && there.has(one.key)).map((one) => one.key));
}

function start() {
  if (!vault.possible()) return say(word("impossible"), "bad");
  by("begin").addEventListener("submit", begin);
  by("open").addEventListener("submit", open);
  by("forget").querySelector("form").addEventListener("submit", forget);
  by("send").addEventListener("click", send);
  for (const form of document.querySelectorAll("form[data-kind]")) form.addEventListener("submit", note);
  for (const form of document.querySelectorAll("form[data-kind]")) form.closest("details").addEventListener("toggle", left);
  for (const kind of ["online", "offline"]) addEventListener(kind, showLine);
  showLine();
  showLock();
  keepPage();
}

start();
