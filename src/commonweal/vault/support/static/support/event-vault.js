// What is noted at an event, locked on this device. The key comes from the passphrase and is never kept.
const ROUNDS = 600000; // PBKDF2-HMAC-SHA-256
const text = new TextEncoder();

function opened() {
  return new Promise((good, bad) => {
    const asked = indexedDB.open("commonweal-event", 1);
    asked.onupgradeneeded = () => {
      asked.result.createObjectStore("lock", { keyPath: "id" });
      asked.result.createObjectStore("entries", { keyPath: "key" });
    };
    asked.onsuccess = () => good(asked.result);
    asked.onerror = () => bad(asked.error);
  });
}

// One transaction; it counts only once the browser says that it is written to the disk.
async function within(store, mode, work) {
  const base = await opened();
  try {
    return await new Promise((good, bad) => {
      const step = base.transaction(store, mode, { durability: "strict" });
      const asked = work(step.objectStore(store));
      step.oncomplete = () => good(asked ? asked.result : undefined);
      step.onerror = step.onabort = () => bad(step.error);
    });
  } finally {
    base.close();
  }
}

async function keyFrom(passphrase, salt, rounds) {
  const raw = await crypto.subtle.importKey("raw", text.encode(passphrase), "PBKDF2", false, ["deriveKey"]);
  const way = { name: "PBKDF2", hash: "SHA-256", salt, iterations: rounds };
  return crypto.subtle.deriveKey(way, raw, { name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
}

async function lock(key, name, value) {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const way = { name: "AES-GCM", iv, additionalData: text.encode(name) };
  return { iv, data: await crypto.subtle.encrypt(way, key, text.encode(JSON.stringify(value))) };
}

async function unlock(key, name, locked) {
  const way = { name: "AES-GCM", iv: locked.iv, additionalData: text.encode(name) };
  return JSON.parse(new TextDecoder().decode(await crypto.subtle.decrypt(way, key, locked.data)));
}

export const possible = () => Boolean(globalThis.crypto && crypto.subtle && globalThis.indexedDB);
export const begun = async () => Boolean(await within("lock", "readonly", (store) => store.get("lock")));
export const count = () => within("entries", "readonly", (store) => store.count());

// Begins a session with a new passphrase. Fails where another tab has begun one: its lock holds what is noted there.
export async function begin(passphrase, site) {
  const salt = crypto.getRandomValues(new Uint8Array(16));
  const key = await keyFrom(passphrase, salt, ROUNDS);
  const check = await lock(key, "lock", { site });
  await within("lock", "readwrite", (store) => store.add({ id: "lock", salt, rounds: ROUNDS, check }));
  return new Session(key, site);
}

// Opens the session that is on this device; null where the passphrase is another one.
export async function open(passphrase) {
  const kept = await within("lock", "readonly", (store) => store.get("lock"));
  const key = await keyFrom(passphrase, kept.salt, kept.rounds);
  try {
    const { site } = await unlock(key, "lock", kept.check);
    return new Session(key, site);
  } catch {
    return null;
  }
}

// Takes everything off the device.
export async function forget() {
  await within("entries", "readwrite", (store) => store.clear());
  await within("lock", "readwrite", (store) => store.clear());
}

class Session {
  #key;
  constructor(key, site) {
    this.#key = key;
    this.site = site;
  }

  async keep(entry) {
    const locked = await lock(this.#key, entry.key, entry);
    await within("entries", "readwrite", (store) => store.put({ key: entry.key, ...locked }));
  }

  async all() {
    const locked = await within("entries", "readonly", (store) => store.getAll());
    const entries = await Promise.all(locked.map((one) => unlock(this.#key, one.key, one)));
    return entries.sort((a, b) => a.noted_at.localeCompare(b.noted_at));
  }

  drop(keys) {
    return within("entries", "readwrite", (store) => void keys.forEach((key) => store.delete(key)));
  }
}
