// Asking the stand-ins and the engine, through the page's own server.

export async function ask(path, options = {}) {
  const res = await fetch(path, { ...options, headers: options.body ? { 'Content-Type': 'application/json' } : {}, signal: AbortSignal.timeout(15000) });
  const text = await res.text();
  let body = null;
  try { body = text ? JSON.parse(text) : null; } catch { body = { error: text.trim() }; }
  if (!res.ok) throw new Error(body?.error || `HTTP ${res.status}`);
  return body;
}

export const post = (path, body) => ask(path, { method: 'POST', body: JSON.stringify(body ?? {}) });

/** every asks again and again, never twice at once, and not while nobody looks. */
export function every(ms, work) {
  let busy = false;
  const turn = async () => {
    if (busy || document.hidden) return;
    busy = true;
    try { await work(); } catch { /* the next turn asks again */ } finally { busy = false; }
  };
  setInterval(turn, ms);
  document.addEventListener('visibilitychange', turn);
  turn();
  return turn;
}
