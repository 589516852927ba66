// Keeps the page up to date by the relay's stream of events. An event "page"
// has all lines of the main part, a "patch" makes them from those before.

import { update } from './morph.js';
import { Plots } from './plots.js';
import { now, setNow, showClock, showTimes, tellAsOf } from './times.js';

const firstWait = 1000, longestWait = 60000; // between tries, ms
const silence = 40000; // ms without a word, after which a connection is given up: the relay has one for each 15 s
const hiddenFor = 5000; // ms after which a page that nobody looks at stops listening

export class Live {
  constructor(main) {
    this.main = main;
    this.lines = [];
    this.wait = firstWait;
    this.plots = new Plots(main);
    this.whole = false; // forms are to be made anew too: the address has changed
    this.missed = 0; // events that are held back
    this.bar();
  }

  // bar makes the line that tells how it is, and has the button for a pause.
  bar() {
    this.status = document.createElement('span');
    this.status.setAttribute('role', 'status');
    this.button = document.createElement('button');
    this.button.type = 'button';
    this.button.textContent = 'Pause updates'; // beside that, a satellite is paused
    this.button.setAttribute('aria-pressed', 'false');
    this.button.addEventListener('click', () => this.pause());
    const bar = document.createElement('p');
    bar.className = 'live';
    bar.id = 'live';
    bar.append(this.status, ' ', this.button);
    this.box = bar;
    document.querySelector('header').append(bar); // within a landmark
  }

  tell(mood, text) {
    this.box.dataset.mood = mood;
    document.body.classList.toggle('stale', mood === 'lost');
    if (this.status.textContent !== text) this.status.textContent = text;
  }

  start() {
    this.plots.upgrade();
    document.addEventListener('visibilitychange', () => this.look());
    addEventListener('pagehide', () => this.close());
    addEventListener('pageshow', (ev) => { if (ev.persisted) this.open(); });
    addEventListener('online', () => { if (!this.source) this.open(); });
    addEventListener('popstate', () => this.visit(location.href, null));
    addEventListener('pointerdown', () => { this.pressed = true; });
    for (const kind of ['pointerup', 'pointercancel', 'blur']) addEventListener(kind, () => { this.pressed = false; this.later(); });
    document.addEventListener('selectionchange', () => this.later());
    document.addEventListener('click', (ev) => this.click(ev));
    document.addEventListener('submit', (ev) => this.submit(ev));
    document.addEventListener('input', (ev) => this.typed(ev));
    document.addEventListener('change', (ev) => { if (ev.target.matches?.('form.search select')) this.typed(ev); });
    this.tell('wait', 'Connecting…');
    this.open();
  }

  // look stops listening some time after the page is hidden: a browser has few
  // connections to one server.
  look() {
    clearTimeout(this.leaving);
    if (document.hidden) this.leaving = setTimeout(() => this.close(), hiddenFor);
    else if (!this.source) this.open();
  }

  close() {
    clearTimeout(this.retry);
    clearTimeout(this.watchdog);
    this.source?.close();
    this.source = null;
  }

  // open listens, unless nobody looks: then it does once somebody does.
  open() {
    this.close();
    if (document.hidden) return;
    const source = new EventSource('/live?at=' + encodeURIComponent(location.pathname + location.search));
    this.source = source;
    source.addEventListener('open', () => this.heard());
    source.addEventListener('page', (ev) => this.take(JSON.parse(ev.data), true));
    source.addEventListener('patch', (ev) => this.take(JSON.parse(ev.data), false));
    source.addEventListener('beat', (ev) => { this.heard(); setNow(ev.data); if (!this.paused) tellAsOf(); });
    source.addEventListener('error', () => { if (this.source === source) this.lost(); });
    this.heard();
  }

  // heard puts off giving the connection up.
  heard() {
    clearTimeout(this.watchdog);
    this.watchdog = setTimeout(() => this.lost(), silence);
  }

  // lost tries again, later each time.
  lost() {
    this.close();
    if (this.visiting) { // the page that was asked for is there without scripts too
      location.reload();
      return;
    }
    const wait = this.wait * (0.75 + Math.random() / 2);
    this.wait = Math.min(2 * this.wait, longestWait);
    this.lostAt ??= showClock(now());
    this.tell('lost', 'As of ' + this.lostAt + ', not up to date: the relay does not answer, or has too many pages open. Trying again' + (wait > 5000 ? ' in ' + Math.round(wait / 1000) + ' s.' : '.'));
    this.retry = setTimeout(() => { if (!document.hidden) this.open(); }, wait);
  }

  take(ev, all) {
    this.heard();
    this.wait = firstWait;
    this.lostAt = null;
    setNow(ev.now);
    if (ev.assets && !new URL(import.meta.url).pathname.startsWith(ev.assets)) {
      location.reload(); // the relay is another version by now
      return;
    }
    const before = this.lines;
    this.lines = all ? ev.lines : ev.lines.flatMap((one) => typeof one === 'string' ? [one] : before.slice(one[0], one[0] + one[1]));
    if (all) this.plots.forget();
    else this.plots.add(ev.points ?? {});
    this.stale = true;
    this.missed++;
    if (this.visiting && all) {
      this.visiting = false;
      this.whole = true;
      this.main.removeAttribute('aria-busy');
    }
    this.later();
  }

  // held reports why the page is not to change now.
  held() {
    const chosen = getSelection();
    return !this.whole && (this.paused || this.pressed ||
      chosen?.type === 'Range' && this.main.contains(chosen.anchorNode));
  }

  // later shows what has come, once it may.
  later() {
    if (!this.stale || this.drawing) return;
    if (this.paused && !this.whole) {
      this.button.textContent = 'Resume updates (' + this.missed + ' waiting)';
      return;
    }
    this.drawing = requestAnimationFrame(() => {
      this.drawing = 0;
      if (this.stale && !this.held()) this.show();
    });
  }

  show() {
    const mood = this.main.querySelector('#verdict')?.className;
    const focused = document.activeElement;
    const parsed = new DOMParser().parseFromString('<main>' + this.lines.join('\n') + '</main>', 'text/html');
    const fresh = parsed.querySelector('main');
    fresh.id = this.main.id;
    fresh.tabIndex = -1;
    update(this.main, fresh, this.whole);
    this.stale = this.whole = false;
    this.missed = 0;
    showTimes(this.main);
    tellAsOf();
    this.plots.upgrade();
    if (focused !== document.activeElement && focused?.isConnected) focused.focus({ preventScroll: true });
    const verdict = this.main.querySelector('#verdict');
    if (mood && verdict && verdict.className !== mood) this.tell('live', 'Live. ' + verdict.querySelector('.sentence')?.textContent.trim());
    else if (!this.paused && this.box.dataset.mood !== 'live') this.tell('live', 'Live');
  }

  pause() {
    this.paused = !this.paused;
    this.button.setAttribute('aria-pressed', String(this.paused));
    this.button.textContent = this.paused ? 'Resume updates' : 'Pause updates';
    this.tell(this.paused ? 'paused' : 'live', this.paused ? 'Paused' : 'Live');
    this.plots.pause(this.paused);
    this.later();
  }

  // visit shows another address of this same page without loading it.
  visit(url, change) {
    change?.(url);
    this.visiting = true;
    this.main.setAttribute('aria-busy', 'true');
    this.open();
  }

  mine(url) {
    return url.origin === location.origin && url.pathname === location.pathname && !url.hash;
  }

  click(ev) {
    const link = ev.target.closest?.('main a[href]');
    if (!link || ev.defaultPrevented || ev.button || ev.ctrlKey || ev.metaKey || ev.shiftKey || ev.altKey || link.target) return;
    const url = new URL(link.href);
    if (!this.mine(url)) return;
    ev.preventDefault();
    this.visit(url.href, (to) => history.pushState(null, '', to));
  }

  // address is what a search form asks for.
  address(form) {
    const url = new URL(form.action);
    url.search = new URLSearchParams([...new FormData(form)].filter(([, value]) => value !== '')).toString();
    return url;
  }

  submit(ev) {
    const form = ev.target;
    if (!form.matches('form.search') || form.method !== 'get' || !this.mine(this.address(form))) return;
    ev.preventDefault();
    clearTimeout(this.typing);
    this.visit(this.address(form).href, (to) => history.pushState(null, '', to));
  }

  typed(ev) {
    const form = ev.target.closest?.('form.search');
    if (!form || form.method !== 'get' || !this.mine(this.address(form))) return;
    clearTimeout(this.typing);
    this.typing = setTimeout(() => {
      const url = this.address(form).href;
      if (url !== location.href) this.visit(url, (to) => history.replaceState(null, '', to));
    }, 300);
  }
}
