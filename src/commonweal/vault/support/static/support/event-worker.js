// Keeps the event page and what it is drawn with, so that both open without a network. It touches nothing else.
const CACHE = "event";

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  const page = request.mode === "navigate" && pathname === new URL(self.registration.scope).pathname;
  const part = pathname.startsWith("/static/");
  if (request.method === "GET" && origin === self.location.origin && (page || part)) {
    event.respondWith(newestOrKept(request));
  }
});

async function newestOrKept(request) {
  const cache = await caches.open(CACHE);
  try {
    const answer = await fetch(request);
    // a log-in page in place of this one is not kept: it would stand in the way of the next event
    if (answer.ok && !answer.redirected && answer.type === "basic") await cache.put(request, answer.clone());
    return answer;
  } catch (error) {
    const kept = await cache.match(request, { ignoreVary: true });
    if (kept) return kept;
    throw error;
  }
}
