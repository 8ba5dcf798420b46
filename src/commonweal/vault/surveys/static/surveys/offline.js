// Opens the survey again by itself as soon as the program can be reached: a device says that it is on line before that.
const PAUSE = 3000; // milliseconds
let timer = null;

async function look() {
  clearTimeout(timer);
  try {
    const way = { method: "HEAD", cache: "no-store", credentials: "omit" };
    if (navigator.onLine && (await fetch("/surveys/worker.js", way)).ok) return location.reload();
  } catch { /* not yet */ }
  timer = setTimeout(look, PAUSE);
}

addEventListener("online", look);
timer = setTimeout(look, PAUSE);
