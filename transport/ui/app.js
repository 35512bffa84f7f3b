// The reception pages work without this: it only saves reloading. All markup
// comes escaped from the server.
"use strict";

const part = document.querySelector("[data-again]");
const told = document.getElementById("told");

// tell says one line below the page, in red when it is bad news.
function tell(text, bad) {
  told.textContent = text;
  told.classList.toggle("wrong", bad);
}

function atEnd(box) { return box.scrollHeight - box.scrollTop - box.clientHeight < 80; }
function toEnd(box) { box.scrollTop = box.scrollHeight; }

// A log only grows, so that a screen reader reads each line once.
function grow(log, html) {
  const fresh = document.createElement("template");
  fresh.innerHTML = html;
  const known = new Set([...log.children].map((e) => e.dataset.key));
  const added = [...fresh.content.children].filter((e) => !known.has(e.dataset.key));
  if (added.length === 0) return;
  log.querySelector("[data-key=empty]")?.remove();
  const follow = atEnd(log);
  log.append(...added);
  if (follow) toEnd(log);
}

// A list is replaced when it has changed; the focus stays on the same link.
function replace(list, html) {
  if (list.dataset.last === html) return;
  list.dataset.last = html;
  const href = list.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
  list.innerHTML = html;
  if (href) [...list.querySelectorAll("a")].find((a) => a.getAttribute("href") === href)?.focus();
  title(list);
}

const plainTitle = document.title;
function title(list) {
  const n = Number(list.querySelector("[data-count]")?.dataset.count || 0);
  document.title = n > 0 ? `(${n}) ${plainTitle}` : plainTitle;
}

async function again() {
  if (document.hidden) return;
  try {
    const answer = await fetch(part.dataset.again, { headers: { "Accept": "text/html" } });
    if (answer.redirected) { location.reload(); return; } // the session is over
    if (!answer.ok) throw new Error(String(answer.status));
    const html = await answer.text();
    if (part.id === "log") grow(part, html); else replace(part, html);
    if (told.textContent === part.dataset.offline) tell("", false);
  } catch {
    tell(part.dataset.offline, true);
  }
}

if (part) {
  if (part.id === "log") toEnd(part); else title(part);
  setInterval(again, Number(part.dataset.every));
  document.addEventListener("visibilitychange", again);
}

const reply = document.getElementById("reply");
if (reply) {
  const text = document.getElementById("text");
  const button = reply.querySelector("button");
  text.addEventListener("keydown", (e) => {
    if (e.key !== "Enter" || e.shiftKey || e.isComposing) return;
    if (matchMedia("(pointer: coarse)").matches) return; // a phone's keyboard has no Shift+Enter
    e.preventDefault();
    reply.requestSubmit();
  });
  reply.addEventListener("submit", async (e) => {
    e.preventDefault();
    if (button.disabled || text.value.trim() === "") return;
    button.disabled = true;
    try {
      const answer = await fetch(reply.action, { method: "POST", body: new URLSearchParams(new FormData(reply)) });
      if (!answer.ok) throw new Error(String(answer.status));
      text.value = "";
      tell(reply.dataset.sent, false);
      toEnd(part);
      for (const wait of [200, 600, 1200]) setTimeout(again, wait);
    } catch {
      tell(reply.dataset.failed, true);
    } finally {
      button.disabled = false;
      text.focus();
    }
  });
}
