// Shows a page of its own where a page of the surveys is opened without a network. It keeps that page and what it is drawn
// with, asked for without cookies, and nothing else: no answers, no questions, nothing of anybody.
const CACHE = "surveys-offline";
const PAGE = new URL("offline/", self.registration.scope).href;

const plain = (address) => new Request(address, { credentials: "omit", cache: "no-cache" });

async function keep() {
  const cache = await caches.open(CACHE);
  const answer = await fetch(plain(PAGE));
  if (!answer.ok || answer.redirected) throw new Error("the page cannot be kept");
  const parts = [...(await answer.clone().text()).matchAll(/(?:href|src)="(\/static\/[^"]+)"/g)].map((found) => found[1]);
  await cache.addAll(parts.map(plain));
  await cache.put(PAGE, answer);
}

self.addEventListener("install", (event) => event.waitUntil(keep().then(() => self.skipWaiting())));
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== self.location.origin) return;
  if (request.mode === "navigate") event.respondWith(orKept(request, PAGE));
  else if (pathname.startsWith("/static/")) event.respondWith(orKept(request, request.url));
});

async function orKept(request, address) {
  try {
    return await fetch(request);
  } catch (error) {
    const kept = await (await caches.open(CACHE)).match(address, { ignoreVary: true });
    if (kept) return kept;
    throw error;
  }
}
