// Service worker: what has been read stays readable without a network. One cache holds files of one edition only, each
// checked against its hash, so a page never meets a script or style of another edition.
const EDITION_NAME = "EDITION";
const FILES = {/* FILES */};
const PREFIX = "almost-allies-";
const CACHE = PREFIX + EDITION_NAME;
const HOME = new URL("./", self.location.href);
const ALWAYS = ["index.html", "404.html", "_static/book.css", "_static/book.js", "_static/icon.svg"];

const nameOf = (address) => {
  const url = new URL(address);
  if (url.origin !== HOME.origin || !url.pathname.startsWith(HOME.pathname)) return null;
  const name = decodeURI(url.pathname.slice(HOME.pathname.length));
  return name === "" || name.endsWith("/") ? name + "index.html" : name;
};
const addressOf = (name) => new URL(encodeURI(name), HOME).href;

const isOfThisEdition = async (name, response) => {
  const digest = await crypto.subtle.digest("SHA-256", await response.clone().arrayBuffer());
  const hex = [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.startsWith(FILES[name]);
};

const keep = async (name) => {
  const cache = await caches.open(CACHE);
  if (await cache.match(addressOf(name))) return;
  for (const mode of ["force-cache", "reload"]) {
    const response = await fetch(addressOf(name), { cache: mode });
    if (response.ok && await isOfThisEdition(name, response)) return cache.put(addressOf(name), response);
  }
  throw new Error(`${name} is not of edition ${EDITION_NAME}`);
};

const moveFromEarlierEditions = async () => {
  const cache = await caches.open(CACHE);
  const names = new Set(ALWAYS);
  for (const earlier of (await caches.keys()).filter((key) => key.startsWith(PREFIX) && key !== CACHE)) {
    const old = await caches.open(earlier);
    for (const request of await old.keys()) {
      const name = nameOf(request.url);
      if (!(name in FILES)) continue;
      names.add(name);
      const response = await old.match(request);
      if (await isOfThisEdition(name, response)) await cache.put(addressOf(name), response);
    }
  }
  // One failure fails the installation, and the earlier edition goes on, whole.
  for (const name of names) await keep(name);
};

const dropEarlierEditions = async () => {
  for (const key of await caches.keys()) if (key.startsWith(PREFIX) && key !== CACHE) await caches.delete(key);
  await self.clients.claim();
};

const answer = async (request, name) => {
  const cache = await caches.open(CACHE);
  const kept = await cache.match(addressOf(name));
  if (kept) return kept;
  try {
    const response = await fetch(request);
    if (response.ok && await isOfThisEdition(name, response)) await cache.put(addressOf(name), response.clone());
    return response;
  } catch (error) {
    const page = request.mode === "navigate" && await cache.match(addressOf("404.html"));
    if (page) return new Response(await page.blob(), { status: 503, headers: { "Content-Type": "text/html; charset=utf-8" } });
    throw error;
  }
};

self.addEventListener("install", (event) => event.waitUntil(moveFromEarlierEditions()));
self.addEventListener("activate", (event) => event.waitUntil(dropEarlierEditions()));
self.addEventListener("fetch", (event) => {
  const name = event.request.method === "GET" ? nameOf(event.request.url) : null;
  if (name in FILES || (name !== null && event.request.mode === "navigate")) event.respondWith(answer(event.request, name));
});
self.addEventListener("message", (event) => {
  const { task, addresses } = event.data;
  if (task === "take over") self.skipWaiting();
  if (task === "keep") {
    event.waitUntil(Promise.allSettled(addresses.map(nameOf).filter((name) => name in FILES).map(keep)));
  }
  if (task === "keep all") {
    event.waitUntil((async () => {
      const names = Object.keys(FILES);
      try {
        for (const [done, name] of names.entries()) {
          await keep(name);
          event.source.postMessage({ kept: done + 1, of: names.length });
        }
      } catch {
        event.source.postMessage({ failed: true });
      }
    })());
  }
});
