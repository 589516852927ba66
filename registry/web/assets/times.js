// Times: local, with UTC on hover; and how long ago, by the relay's clock.

let ahead = 0; // of this clock, the relay's, in ms

const asOf = document.getElementById('asof');
if (asOf) setNow(asOf.dateTime);

// setNow takes the relay's time of now.
export function setNow(iso) {
  const at = Date.parse(iso);
  if (!Number.isNaN(at)) ahead = at - Date.now();
}

// now is the relay's time in ms.
export function now() {
  return Date.now() + ahead;
}

const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' });
const day = new Intl.DateTimeFormat(undefined, { year: 'numeric', month: '2-digit', day: '2-digit' });

// showClock writes a time in ms as short as it is clear.
export function showClock(at) {
  const date = new Date(at);
  const today = new Date(now()).toDateString() === date.toDateString();
  return today ? clock.format(date) : day.format(date) + ' ' + clock.format(date);
}

// showTimes makes all times in root local.
export function showTimes(root) {
  for (const time of root.querySelectorAll('time[datetime]')) {
    const at = Date.parse(time.dateTime);
    if (Number.isNaN(at)) continue;
    const text = showClock(at);
    if (time.textContent !== text) time.textContent = text;
  }
  for (const age of root.querySelectorAll('.age')) showAge(age);
}

function showAge(age) {
  const since = age.dataset.since;
  const at = Date.parse(since ?? age.dataset.at ?? age.nextElementSibling?.dateTime);
  if (Number.isNaN(at)) return;
  const seconds = Math.floor((now() - at) / 1000);
  let text = showSpan(seconds);
  if (!since) text = seconds >= 1 ? text + ' ago' : 'just now';
  if (age.textContent !== text) age.textContent = text;
}

// showSpan writes seconds in their two greatest units, as the relay does.
export function showSpan(seconds) {
  const units = [['d', 86400], ['h', 3600], ['min', 60], ['s', 1]];
  for (let i = 0; i < units.length; i++) {
    const [name, is] = units[i];
    if (seconds < is) continue;
    let text = Math.floor(seconds / is) + ' ' + name;
    const rest = seconds % is;
    const next = units[i + 1];
    if (next && rest >= next[1] && seconds < 10 * is) text += ' ' + Math.floor(rest / next[1]) + ' ' + next[0];
    return text;
  }
  return '0 s';
}

// keepAges counts ages on.
export function keepAges() {
  setInterval(() => {
    if (document.hidden || getSelection()?.type === 'Range') return;
    for (const age of document.querySelectorAll('.age')) showAge(age);
  }, 1000);
}

// tellAsOf shows that the page is as of now.
export function tellAsOf() {
  if (!asOf) return;
  const iso = new Date(now()).toISOString().slice(0, 19);
  asOf.dateTime = iso + 'Z';
  asOf.title = iso.replace('T', ' ') + ' UTC';
  asOf.textContent = showClock(now());
}
