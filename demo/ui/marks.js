// WhatsApp's marks: *bold*, _italic_, ~struck~, `mono`. They become elements
// around text nodes; links stay text, for nothing leaves this machine.
import { h } from './dom.js';

const kinds = { '*': 'strong', _: 'em', '~': 's', '`': 'code' };
const mark = /(^|[^\p{L}\p{N}])([*_~`])(?=\S)([^\n]*?\S)\2(?![\p{L}\p{N}])/u;

/** marked turns a text into nodes. */
export function marked(text) {
  const out = [];
  for (let rest = text; rest;) {
    const m = mark.exec(rest);
    if (!m) { out.push(document.createTextNode(rest)); break; }
    const from = m.index + m[1].length;
    if (from > 0) out.push(document.createTextNode(rest.slice(0, from)));
    out.push(h(kinds[m[2]], {}, m[2] === '`' ? m[3] : marked(m[3])));
    rest = rest.slice(m.index + m[0].length);
  }
  return out;
}

/** plain drops the marks, for a quote or a list. */
export const plain = (text) => marked(text).map((n) => n.textContent).join('');
