// Makes an element of the page like a new one, touching only what differs, so
// that focus, selection, open details and what was typed stay.
//
// What is new is read from a document of its own, in which nothing runs, and
// copied piece by piece: elements and attributes that pages of co2 have, and
// text as text.

const elements = new Set(('a b bdi br button caption circle code dd details div dl dt em fieldset figcaption figure form h1 h2 h3 h4 hr input label ' +
  'legend li line main nav ol optgroup option output p path pre rect section select small span strong summary svg symbol table tbody td text ' +
  'textarea tfoot th thead time title tr ul use').split(' '));
const attributes = new Set(('aria-busy aria-controls aria-current aria-describedby aria-expanded aria-hidden aria-invalid aria-label aria-labelledby ' +
  'aria-live aria-pressed aria-sort autocomplete checked class colspan cx cy d datetime dir disabled enctype fill for height hidden id inputmode label ' +
  'lang list max maxlength method min minlength multiple name open pattern placeholder points preserveaspectratio preserveAspectRatio r readonly rel ' +
  'required role rows rowspan scope selected size spellcheck step stroke stroke-width tabindex title type value viewBox width x x1 x2 y y1 y2').split(' '));
const addresses = new Set(['href', 'action', 'formaction']);

// Children of these are somebody else's: of a script, or of the reader.
export const kept = new WeakSet();

function allowed(name, value) {
  if (attributes.has(name) || /^data-[a-z-]+$/.test(name)) return true;
  return addresses.has(name) && /^(\/(?!\/)|#|\?|https?:\/\/)/.test(value);
}

// copy returns node as a part of this document, without what pages of co2 do
// not have.
function copy(node) {
  if (node.nodeType === Node.TEXT_NODE) return document.createTextNode(node.nodeValue);
  if (node.nodeType !== Node.ELEMENT_NODE || !elements.has(node.localName)) return document.createTextNode('');
  const made = document.createElementNS(node.namespaceURI, node.localName);
  for (const { name, value } of node.attributes) if (allowed(name, value)) made.setAttribute(name, value);
  for (const child of node.childNodes) made.append(copy(child));
  signatures.set(made, signature(node));
  return made;
}

// What an element was when it came: scripts change it, as times do.
const signatures = new WeakMap();
const signature = (node) => node.nodeType === Node.ELEMENT_NODE ? node.outerHTML : node.nodeValue;
const known = (node) => signatures.get(node) ?? signature(node);

// What tells an element from its brothers, whatever else is in it.
const key = (node) => node.nodeType === Node.ELEMENT_NODE ?
  node.id || node.dataset.key || node.dataset.series || node.getAttribute('aria-labelledby') || '' : '';

// own reports whether an attribute is the reader's or a script's: what is open
// or hidden.
const own = (node, name) => name === 'hidden' || name === 'open' && node.localName === 'details';

// update makes old like fresh. Forms stay as they are unless whole is set; what
// the reader types into stays in any case.
export function update(old, fresh, whole = false) {
  const sign = signature(fresh);
  if (known(old) === sign) return;
  for (const { name } of [...old.attributes]) {
    if (!fresh.hasAttribute(name) && !own(old, name)) old.removeAttribute(name);
  }
  for (const { name, value } of fresh.attributes) {
    if (old.getAttribute(name) !== value && allowed(name, value) && !own(old, name)) old.setAttribute(name, value);
  }
  signatures.set(old, sign);
  if (kept.has(old) || old.localName === 'textarea' || old.localName === 'form' && !whole) return;
  if (old.localName === 'input' && old !== document.activeElement) old.value = fresh.getAttribute('value') ?? '';
  if (old.localName === 'time' || old.classList.contains('age')) return; // times.js writes them
  children(old, fresh, whole);
}

// spare finds, from at on, an element that can become f and is not wanted as it is.
function spare(at, f, wanted) {
  for (let o = at, n = 0; o && n < 8; o = o.nextSibling, n++) {
    if (o.nodeName === f.nodeName && !key(o) && !kept.has(o) && !wanted.get(known(o))) return o;
  }
}

function children(old, fresh, whole) {
  const keyed = new Map(), same = new Map(), wanted = new Map();
  for (const f of fresh.childNodes) wanted.set(signature(f), (wanted.get(signature(f)) ?? 0) + 1);
  for (const o of old.childNodes) {
    if (key(o)) keyed.set(key(o), o);
    else if (!same.has(known(o))) same.set(known(o), [o]);
    else same.get(known(o)).push(o);
  }
  let at = old.firstChild;
  for (const f of [...fresh.childNodes]) {
    const sign = signature(f);
    let o = key(f) ? keyed.get(key(f)) : same.get(sign)?.shift();
    if (o && o.nodeName !== f.nodeName) o = undefined;
    if (!o && !key(f) && f.nodeType === Node.ELEMENT_NODE && (o = spare(at, f, wanted))) {
      const list = same.get(known(o));
      list?.splice(list.indexOf(o), 1);
    }
    if (!o) {
      old.insertBefore(copy(f), at);
      continue;
    }
    if (o === at) at = at.nextSibling;
    else old.insertBefore(o, at);
    if (o.nodeType === Node.ELEMENT_NODE) update(o, f, whole);
    else if (o.nodeValue !== f.nodeValue) o.nodeValue = f.nodeValue;
  }
  while (at) {
    const next = at.nextSibling;
    if (!kept.has(at)) at.remove();
    at = next;
  }
}
