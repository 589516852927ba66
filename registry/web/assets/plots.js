// Draws the plots of a page with uPlot, in the place of the pictures that came
// with it: with a cursor, a zoom by dragging, keys, and a table of the latest
// values.

import uPlot from './uplot.js';
import { kept } from './morph.js';
import { now, showClock } from './times.js';

const tableRows = 10;
const latest = 60; // points of a plot without a span

export class Plots {
  constructor(main) {
    this.main = main;
    this.drawn = new Map(); // figure: Plot
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
      for (const plot of this.drawn.values()) plot.draw();
    });
  }

  // upgrade draws the plots that are new on the page, and forgets those that left it.
  upgrade() {
    for (const [figure, plot] of this.drawn) {
      if (!figure.isConnected || plot.asked !== ask(figure)) {
        plot.end();
        this.drawn.delete(figure);
      }
    }
    for (const figure of this.main.querySelectorAll('figure.plot[data-series]')) {
      if (!this.drawn.has(figure)) this.drawn.set(figure, new Plot(figure));
    }
  }

  add(points) {
    for (const plot of this.drawn.values()) plot.add(points);
  }

  // forget asks for all points again: some may have been missed.
  forget() {
    for (const plot of this.drawn.values()) plot.load();
  }

  pause(is) {
    for (const plot of this.drawn.values()) plot.pause(is);
  }
}

// ask is what a figure shows, as /series is asked for it.
function ask(figure) {
  const query = new URLSearchParams();
  if (figure.dataset.host) query.set('host', figure.dataset.host);
  for (const name of figure.dataset.series.split(' ')) query.append('name', name);
  query.set('seconds', figure.dataset.seconds);
  return query.toString();
}

class Plot {
  constructor(figure) {
    this.figure = figure;
    this.asked = ask(figure);
    this.seconds = Number(figure.dataset.seconds);
    this.names = figure.dataset.series.split(' ');
    this.points = new Map(this.names.map((name) => [name, []]));
    this.early = []; // points that came before those asked for
    this.frame = figure.querySelector('.frame');
    this.load();
  }

  async load() {
    this.loading = true;
    try {
      const answer = await fetch('/series?' + this.asked, { signal: AbortSignal.timeout(15000) });
      if (!answer.ok) throw new Error(answer.statusText);
      const { series } = await answer.json();
      for (const one of series) {
        this.points.set(one.name, one.points);
        this.unit = one.unit || this.unit;
        this.measured = one.step === 0;
      }
      if (this.ended) return;
      this.begin();
    } catch {
      return; // the picture is there, or what was drawn before
    } finally {
      this.loading = false;
    }
    for (const points of this.early.splice(0)) this.add(points);
  }

  // begin takes the place of the picture.
  begin() {
    if (!this.box) {
      this.box = document.createElement('div');
      this.box.className = 'interactive';
      this.box.tabIndex = 0;
      this.box.setAttribute('role', 'group');
      this.box.addEventListener('keydown', (ev) => this.keys(ev));
      this.reading = document.createElement('p');
      this.reading.className = 'reading';
      this.details = document.createElement('details');
      const summary = document.createElement('summary');
      summary.textContent = 'Latest values';
      this.details.append(summary);
      this.details.addEventListener('toggle', () => this.table());
      this.below = document.createElement('div');
      this.below.className = 'below';
      this.below.append(this.details, this.reading);
      for (const own of [this.box, this.below]) kept.add(own);
      this.room = this.measure();
      for (const picture of this.pictures()) picture.hidden = true;
      this.figure.append(this.box, this.below);
      this.sizes = new ResizeObserver(() => this.plot?.setSize({ width: this.box.clientWidth, height: this.room.height }));
      this.sizes.observe(this.box);
    }
    this.draw();
  }

  // pictures are what came with the page; it goes on saying in words what they show.
  pictures() {
    return this.figure.querySelectorAll('.frame, .xs');
  }

  // measure tells the room of the picture, and of what is around its drawing: the
  // plot that takes its place is as large, and moves nothing.
  measure() {
    const [frame, xs] = [...this.pictures()].map((picture) => picture.getBoundingClientRect());
    const drawing = this.figure.querySelector('.drawing').getBoundingClientRect();
    return { height: xs.bottom - frame.top, above: drawing.top - frame.top, left: drawing.left - frame.left, under: xs.bottom - drawing.bottom };
  }

  colour(name) {
    return getComputedStyle(this.figure).getPropertyValue(name).trim();
  }

  draw() {
    if (!this.box || this.ended) return;
    this.plot?.destroy();
    const soft = this.colour('--soft'), line = this.colour('--line'), colours = [this.colour('--first'), this.colour('--second')];
    const font = getComputedStyle(this.figure.querySelector('.ys')).fontSize + ' system-ui, sans-serif';
    const axis = { stroke: soft, grid: { stroke: line, width: 1 }, ticks: { show: false }, font, gap: 6 };
    const series = [{}], bands = [];
    this.names.forEach((name, i) => {
      const colour = colours[i % 2];
      series.push({
        label: name, stroke: colour, width: 1.75, dash: i % 2 ? [5, 3] : undefined, spanGaps: false,
        points: { show: true, size: this.measured ? 4 : 5, fill: colour, filter: this.measured ? undefined : (u, k) => lone(u.data[k]) }, value: (_, v) => this.withUnit(v),
      });
      series.push({ label: name + ' greatest', stroke: 'transparent', width: 0, points: { show: false }, value: (_, v) => this.withUnit(v) });
      bands.push({ series: [2 * i + 2, 2 * i + 1], fill: colour + '2e' });
    });
    this.plot = new uPlot({
      width: this.box.clientWidth || 400, height: this.room.height, padding: [this.room.above, 0, 0, 0], series, bands,
      axes: [
        { ...axis, size: this.room.under, space: 70, values: (_, times, __, ___, step) => times.map((at) => showClock(at * 1000).slice(0, step < 60 ? undefined : -3)) },
        { ...axis, size: this.room.left, splits: (_, __, least, most) => [least, most / 2, most], values: (_, [least, half, most]) => [number(least), number(half), this.withUnit(most)] },
      ],
      scales: { x: { time: true, range: () => this.zoom ?? this.window() }, y: { range: (_, __, most) => [0, this.top(most)] } },
      cursor: { drag: { x: true, y: false, setScale: false } },
      legend: { show: false },
      hooks: { draw: [(u) => this.fails(u)], setCursor: [(u) => this.read(u.cursor.idx)], setSelect: [(u) => this.choose(u)] },
    }, this.data(), this.box);
    this.plot.over.addEventListener('dblclick', () => this.choose(null));
    this.refresh();
  }

  // top is the end of the scale above a value, as in the picture: there is no
  // half message to mark.
  top(most) {
    return Math.max(roundUp(most), this.unit === 'messages' ? 2 : 0);
  }

  // window is the time that the plot shows, from and until.
  window() {
    const until = now() / 1000, times = this.plot?.data[0] ?? [];
    if (this.seconds) return [until - this.seconds, until];
    return times.length > 1 ? [times[0], times.at(-1)] : [until - 60, until];
  }

  // choose shows the part that was dragged over, or all again.
  choose(u) {
    if (u && u.select.width < 3) return;
    this.zoom = u && [u.posToVal(u.select.left, 'x'), u.posToVal(u.select.left + u.select.width, 'x')];
    u?.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false);
    this.plot.setData(this.plot.data);
  }

  // withUnit leaves out what the title of a plot of messages says.
  withUnit(v) {
    return v == null ? '–' : (number(v) + ' ' + (this.unit ?? '').replace(/^messages/, '')).trim();
  }

  // data puts the series side by side, as uPlot wants them.
  data() {
    const tables = this.names.map((name) => {
      const points = this.points.get(name);
      return [points.map((p) => p[0]), points.map((p) => p[1]), points.map((p) => p[2])];
    });
    return tables.length > 1 ? uPlot.join(tables) : tables[0];
  }

  add(points) {
    if (this.loading) {
      this.early.push(points);
      return;
    }
    let more = false;
    for (const name of this.names) {
      const list = this.points.get(name), last = list.at(-1)?.[0] ?? 0;
      for (const p of points[name] ?? []) {
        if (p[0] > last) {
          list.push(p);
          more = true;
        }
      }
      const from = now() / 1000 - this.seconds;
      const old = this.seconds ? list.findIndex((p) => p[0] >= from) : list.length - latest;
      if (old > 0) list.splice(0, old);
    }
    if (more && this.plot) this.refresh();
  }

  pause(is) {
    this.paused = is;
    if (!is && this.plot) this.refresh();
  }

  // refresh shows the points there are. A part that was zoomed into stays.
  refresh() {
    if (this.paused) return;
    this.plot.setData(this.data());
    const words = this.figure.querySelector('.drawing')?.getAttribute('aria-label') ?? '';
    this.box.setAttribute('aria-label', words + ' Left and right arrows read single values.');
    this.table();
  }

  // fails marks what failed by short lines on the ground.
  fails(u) {
    if (!this.measured) return;
    const { ctx, bbox } = u;
    ctx.save();
    ctx.strokeStyle = this.colour('--down');
    ctx.lineWidth = 2 * devicePixelRatio;
    ctx.beginPath();
    u.data[0].forEach((at, i) => {
      if (u.data[1][i] != null) return;
      const x = u.valToPos(at, 'x', true);
      if (x < bbox.left || x > bbox.left + bbox.width) return;
      ctx.moveTo(x, bbox.top + bbox.height);
      ctx.lineTo(x, bbox.top + bbox.height - 10 * devicePixelRatio);
    });
    ctx.stroke();
    ctx.restore();
  }

  keys(ev) {
    const times = this.plot?.data[0];
    if (!times?.length) return;
    const last = times.length - 1;
    const to = { ArrowLeft: (this.at ?? last + 1) - 1, ArrowRight: (this.at ?? last) + 1, Home: 0, End: last }[ev.key];
    if (to === undefined || ev.ctrlKey || ev.metaKey || ev.altKey) return;
    ev.preventDefault();
    this.at = Math.min(Math.max(to, 0), last);
    const u = this.plot;
    this.byKey = true;
    u.setCursor({ left: u.valToPos(times[this.at], 'x'), top: 10 });
    this.byKey = false;
  }

  // read tells the values at the cursor; aloud if a key moved it.
  read(i) {
    const u = this.plot, at = u?.data[0][i];
    this.reading.setAttribute('aria-live', this.byKey ? 'polite' : 'off');
    const text = at == null ? '' : showClock(at * 1000) + ': ' + this.names.map((name, k) => {
      const v = u.data[2 * k + 1][i];
      return name + ' ' + (v == null && this.measured ? 'failed' : this.withUnit(v));
    }).join(', ');
    if (this.reading.textContent !== text) this.reading.textContent = text;
  }

  // table writes the latest values, while it is open.
  table() {
    if (!this.details.open || !this.plot) return;
    const table = document.createElement('table');
    const row = (kind, texts) => {
      const tr = document.createElement('tr');
      texts.forEach((text, i) => {
        const cell = document.createElement(i && kind === 'td' ? 'td' : 'th');
        cell.scope = kind === 'th' ? 'col' : 'row';
        if (cell.localName === 'td') cell.removeAttribute('scope');
        if (i) cell.className = 'num';
        cell.textContent = text;
        tr.append(cell);
      });
      return tr;
    };
    const head = table.createTHead(), body = table.createTBody(), data = this.plot.data;
    table.createCaption().textContent = 'Newest first';
    head.append(row('th', ['Time', ...this.names]));
    for (let i = data[0].length - 1; i >= Math.max(data[0].length - tableRows, 0); i--) {
      body.append(row('td', [showClock(data[0][i] * 1000), ...this.names.map((_, k) => this.withUnit(data[2 * k + 1][i]))]));
    }
    this.details.querySelector('table')?.remove();
    this.details.append(table);
  }

  end() {
    this.ended = true;
    this.sizes?.disconnect();
    this.plot?.destroy();
    for (const own of [this.box, this.below]) own?.remove();
    for (const picture of this.pictures()) picture.hidden = false;
  }
}

// lone are the points without a neighbour, which no line shows.
function lone(values) {
  const list = [];
  values.forEach((v, i) => { if (v != null && values[i - 1] == null && values[i + 1] == null) list.push(i); });
  return list;
}

// roundUp returns the next of 1, 2, 5, 10, 20 … above v, as the relay does.
function roundUp(v) {
  if (!(v > 0)) return 1;
  const unit = 10 ** Math.floor(Math.log10(v));
  return ([1, 2, 5].find((n) => v <= n * unit) ?? 10) * unit;
}

// number writes v with as many digits as a person reads at a glance, as the
// relay does.
function number(v) {
  const size = Math.abs(v);
  return v.toLocaleString('en', { maximumFractionDigits: size < 10 ? 2 : size < 100 ? 1 : 0 });
}
