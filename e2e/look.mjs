// Looks at states of pages: what run.mjs does with a browser that somebody else may have opened. See there for what a
// state is.
import { mkdirSync, readFileSync } from 'node:fs';
import { patiently, within } from './browser.mjs';
import * as checks from './checks.mjs';
import { control, serve } from './fixtures.mjs';

const errorWords = ['Қате:', 'Ошибка:', 'Error:'];
const reviewed = JSON.parse(readFileSync(new URL('reviewed.json', import.meta.url), 'utf8'));
const size = (width) => ({ width, height: width < 600 ? 640 : 900 });
const paper = { width: 673, height: 970 }; // A4 within its margins

// Windows are kept and used again: a new one costs more than most pages. A worker has two, one of them without scripts, for
// all languages: a language stands in the address, and what the browser's own is changes nothing on a page. A look begins
// without cookies and goes from the page before straight to its own: a blank page in between would cost two processes, since
// our pages share theirs with nobody (Cross-Origin-Opener-Policy).
class Windows {
  constructor(browser, base, widths) { Object.assign(this, { browser, base, widths, open: new Map() }); }

  // take gives the window with scripts or without, as it is before its first page.
  async take(script, prepare) {
    if (!this.open.has(script)) {
      const context = await this.browser.newContext({ baseURL: this.base, locale: 'kk', javaScriptEnabled: script, viewport: size(this.widths.at(script ? 0 : -1)) });
      const page = await context.newPage(), window = { context, page, seen: script ? await checks.watch(page) : [] };
      page.on('framenavigated', (frame) => {
        if (frame !== page.mainFrame()) return;
        if (window.fresh) window.seen.length = 0; // what the page before still said as it went
        window.fresh = false;
      });
      this.open.set(script, window);
    }
    const window = this.open.get(script);
    await window.context.clearCookies();
    await prepare(window.context);
    if (script) await window.page.setViewportSize(size(this.widths[0]));
    window.fresh = true;
    return window;
  }

  // close lets go of the windows; one that hangs is left to the end of the browser.
  async close() {
    const open = [...this.open.values()];
    this.open.clear();
    for (const { context } of open) await within(10, context.close()).catch(() => {});
  }
}

// reach goes to the state and says when it is not the one that was meant.
async function reach(page, state, lang) {
  let answer = await page.goto(state.path.replaceAll('{lang}', lang), { waitUntil: 'load' });
  for (const { fill, set, press } of state.steps ?? []) {
    if (fill) await page.fill(fill[0], fill[1], { timeout: 20_000 });
    if (set) await page.locator(set[0]).first().evaluate((e, value) => { e.value = value; }, set[1]);
    if (press) {
      const loaded = page.waitForEvent('load');
      [answer] = await Promise.all([page.waitForResponse((r) => r.request().isNavigationRequest() && r.status() !== 303), page.locator(press).first().click({ timeout: 20_000 })]);
      await loaded;
    }
  }
  const findings = [];
  if (answer.status() !== (state.status ?? 200)) findings.push({ check: 'status', detail: `${answer.status()} ${(await page.locator('main').innerText()).slice(0, 300)}` });
  if (state.pattern && !new RegExp(state.pattern).test(decodeURIComponent(new URL(page.url()).pathname))) findings.push({ check: 'address', detail: page.url() });
  return findings;
}

// titles finds states that share a title within a language.
function titles(looks) {
  const byTitle = new Map();
  const findings = [];
  for (const { state, lang, title } of looks) {
    const key = `${lang} ${title}`, other = byTitle.get(key);
    const same = other && (state.name === other.name || state.sameTitle === other.name || other.sameTitle === state.name || state.page && state.page === other.page);
    if (other && !same) findings.push({ check: 'title-unique', detail: `${state.name} and ${other.name} are both "${title}" in ${lang}` });
    byTitle.set(key, other ?? state);
  }
  return findings;
}

// Run counts what passes and what fails, and says what failed.
export class Run {
  passed = 0;
  failed = 0;

  constructor({ browser, base, langs = ['kk', 'ru', 'en'], widths = [1280, 320], jobs = 2, words = false, shots }) {
    Object.assign(this, { browser, base, langs, widths, jobs, words, shots });
    if (shots) mkdirSync(shots, { recursive: true });
  }

  report(name, findings) {
    if (!findings.length) { this.passed++; return; }
    this.failed++;
    console.log(`FAIL ${name}`);
    for (const f of findings.slice(0, 12)) console.log(`     ${f.check}: ${f.detail}`);
  }

  // look loads one state and returns what was found in each part of the look.
  async look(windows, state, lang, prepare) {
    const parts = [];
    const { page, seen } = await windows.take(true, prepare);
    const status = await reach(page, state, lang);
    const title = await page.title();
    const words = this.words ? await checks.words(page, lang, state.typed ?? []) : [];
    parts.push({ part: 'markup', title, findings: [...status, ...words, ...await checks.structure(page, lang, { errors: state.errors, errorWords })] });
    for (const width of this.widths) {
      await page.setViewportSize(size(width));
      // axe sees the same markup in every language and at every width: of most states it is shown the first one's wide page, of some
      // that of every language, and of components, which differ by the width, all of the first language.
      const wide = width === this.widths[0], first = lang === this.langs[0];
      const shown = windows.control || wide && (first || state.axe) || first && state.extra;
      const axe = shown ? await checks.axe(page, reviewed) : [];
      const findings = [...axe, ...await checks.overflow(page), ...await checks.spill(page), ...await checks.targets(page)];
      parts.push({ part: String(width), findings });
      if (this.shots && state.name) await page.screenshot({ path: `${this.shots}/${state.name}-${lang}-${width}.png`, fullPage: true });
    }
    if (state.extra) parts.push(...await this.lookAgain(page, state, lang));
    const stale = (f) => state.status === 409 && /\/autosave 409$/.test(f.detail); // it may have been saved by itself before the button: that is told too
    parts.push({ part: 'behaviour', findings: seen.filter((f) => !stale(f)) });
    // What works without scripts does not hang on the language: the first one is enough.
    if (lang === this.langs[0] || windows.control) parts.push(await this.lookPlain(windows, state, lang, prepare));
    return parts;
  }

  // lookAgain sees the page in forced colours, on paper, and with longer words; the last spoils it.
  async lookAgain(page, state, lang) {
    const parts = [];
    const see = async (part, check) => {
      parts.push({ part, findings: await check() });
      if (this.shots && state.name) await page.screenshot({ path: `${this.shots}/${state.name}-${lang}-${part.replace(' ', '-')}.png`, fullPage: true });
    };
    await page.emulateMedia({ forcedColors: 'active' });
    await see('forced colours', () => checks.forced(page));
    await page.emulateMedia({ forcedColors: null, media: 'print' });
    await page.setViewportSize(paper);
    await see('paper', async () => [...await checks.printed(page), ...await checks.overflow(page)]);
    await page.emulateMedia({ media: null });
    await checks.lengthen(page);
    for (const width of this.widths) {
      await page.setViewportSize(size(width));
      await see(`longer ${width}`, async () => [...await checks.overflow(page), ...await checks.spill(page)]);
    }
    return parts;
  }

  async lookPlain(windows, state, lang, prepare) {
    const { page } = await windows.take(false, prepare);
    const status = await reach(page, state, lang);
    return { part: 'no script', findings: [...status, ...await checks.plain(page), ...await checks.overflow(page)] };
  }

  // control seeds every fault; one that goes unnoticed fails.
  async control() {
    const windows = Object.assign(new Windows(this.browser, 'http://control.test', this.widths), { control: true });
    for (const fixture of control) {
      const state = { path: '/', errors: fixture.errors, extra: fixture.extra };
      const looks = [], findings = [];
      for (const name of fixture.twice ? ['first', 'second'] : ['only']) {
        const parts = await this.look(windows, state, 'en', (context) => serve(context, fixture));
        looks.push({ state: { name }, lang: 'en', title: parts[0].title });
        findings.push(...parts.flatMap((p) => p.findings));
      }
      findings.push(...titles(looks));
      this.report(`control: ${fixture.fault}`, findings.some((f) => f.check === fixture.fault) ? [] : [{ check: 'control', detail: 'the seeded fault was not noticed' }]);
    }
    await windows.close();
  }

  async states(states) {
    if (!states.length) this.report('states', [{ check: 'states', detail: 'no state to look at' }]);
    const queue = states.flatMap((state) => this.langs.map((lang) => ({ state, lang })));
    const looks = [], locks = new Map();
    const worker = async () => {
      const windows = new Windows(this.browser, this.base, this.widths);
      for (let job = queue.shift(); job; job = queue.shift()) {
        const { state, lang } = job;
        const before = state.lock ? locks.get(state.lock) : null;
        let unlock;
        if (state.lock) locks.set(state.lock, new Promise((done) => { unlock = done; }));
        await before;
        try {
          const cookies = (context) => context.addCookies((state.cookies ?? []).map((c) => ({ url: this.base, ...c })));
          const parts = await patiently(`${state.name} ${lang}`, 120, async (again) => {
            if (again) await windows.close();
            return this.look(windows, state, lang, cookies);
          });
          for (const p of parts) this.report(`${state.name} ${lang} ${p.part}`, p.findings);
          looks.push({ ...job, title: parts[0].title });
        } catch (e) {
          this.report(`${state.name} ${lang}`, [{ check: 'runner', detail: e.message.split('\n')[0] }]);
        } finally {
          unlock?.();
        }
      }
      await windows.close();
    };
    await Promise.all(Array.from({ length: this.jobs }, worker));
    this.report('titles', titles(looks));
  }
}
