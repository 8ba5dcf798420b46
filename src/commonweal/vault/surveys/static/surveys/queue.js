// Answers that are not sent yet: in the page's memory, and sealed on this device, so that a page that is lost loses none.
// The key comes from the server with each page of this person, and is kept nowhere here: whoever else uses the device
// cannot read what waits. What is another's, or older than a week, is taken away.
const PREFIX = "commonweal-survey/";
const LONGEST = 7 * 24 * 3600 * 1000;
const text = new TextEncoder();

const bytes = (hex) => Uint8Array.from(hex.match(/../g), (two) => parseInt(two, 16));
const packed = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)));
const unpacked = (packet) => Uint8Array.from(atob(packet), (one) => one.charCodeAt(0));
const store = () => { try { return globalThis.localStorage; } catch { return null; } };
const kept = () => Object.keys(store() || {}).filter((name) => name.startsWith(PREFIX));

export function waits(owner, code) {
  return kept().some((name) => name.startsWith(`${PREFIX}${owner}/${code}/`));
}

export function forget(code) {
  for (const name of kept()) if (name.split("/")[2] === code) store().removeItem(name);
}

function clearOthers(owner) {
  for (const name of kept()) {
    let at = 0;
    try { ({ at } = JSON.parse(store().getItem(name))); } catch { /* not ours any more */ }
    if (name.split("/")[1] !== owner || !(Date.now() - at < LONGEST)) store().removeItem(name);
  }
}

export class Queue {
  #key = null;
  #entries = new Map();
  constructor(code, owner) {
    this.prefix = `${PREFIX}${owner}/${code}/`;
  }

  // Opens what waits on this device from a page that is gone. Answers how many entries those are.
  async open(owner, lock) {
    if (!store()) return 0;
    clearOthers(owner);
    if (!globalThis.crypto || !crypto.subtle) return 0; // a page without HTTPS: memory alone
    this.#key = await crypto.subtle.importKey("raw", bytes(lock), "AES-GCM", false, ["encrypt", "decrypt"]);
    for (const name of kept().filter((one) => one.startsWith(this.prefix))) await this.#read(name);
    return this.#entries.size;
  }

  async #read(name) {
    try {
      const { iv, data } = JSON.parse(store().getItem(name));
      const way = { name: "AES-GCM", iv: unpacked(iv), additionalData: text.encode(name) };
      const entry = JSON.parse(new TextDecoder().decode(await crypto.subtle.decrypt(way, this.#key, unpacked(data))));
      if (!this.#entries.has(entry.link)) this.#entries.set(entry.link, entry);
    } catch {
      store().removeItem(name);
    }
  }

  get sealed() { return Boolean(this.#key); }
  get size() { return this.#entries.size; }
  all() { return [...this.#entries.values()].sort((a, b) => a.at - b.at); }
  get(link) { return this.#entries.get(link); }

  async put(entry) {
    this.#entries.set(entry.link, entry);
    if (!this.#key) return;
    const name = this.prefix + entry.link, iv = crypto.getRandomValues(new Uint8Array(12));
    const way = { name: "AES-GCM", iv, additionalData: text.encode(name) };
    const data = await crypto.subtle.encrypt(way, this.#key, text.encode(JSON.stringify(entry)));
    if (this.#entries.get(entry.link) !== entry) return; // overtaken while it was sealed
    try { store().setItem(name, JSON.stringify({ at: entry.at, iv: packed(iv), data: packed(data) })); } catch { /* full: memory has it */ }
  }

  // What the server has answered for; an answer that was changed meanwhile stays.
  drop(entries) {
    for (const entry of entries) {
      if (this.#entries.get(entry.link) !== entry) continue;
      this.#entries.delete(entry.link);
      store()?.removeItem(this.prefix + entry.link);
    }
  }
}
