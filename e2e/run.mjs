// Looks at every state of every page in a real browser.
//
//   node run.mjs --base http://127.0.0.1:8080 --states states.json [--logins logins.mjs] [--shots folder]
//                [--words] [--skip-control] [--only text] [--langs kk,ru,en] [--widths 1280,320] [--jobs 2]
//
// A state: {"name": "form-errors", "path": "/{lang}/form", "login": "applicant", "errors": true, "status": 200,
// "cookies": [{"name","value"}], "sameTitle": "name of the state whose title it shares"}. "login" names a function of
// the logins module: async (context, base, lang) => void. "steps" lead from the path to the state: [{"fill": [selector,
// text]}, {"set": [selector, value of a hidden field]}, {"press": selector}]; "status" is that of the last page. "page"
// names the page: its states may share a title; "pattern" is what the address must match. States with the same "lock"
// are not looked at at the same time. "typed" are the visitor's own words, which may be in any language; with --words
// the words of each page must be in its language. The last line is "N passed, N failed".
import { mkdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { launch } from './browser.mjs';
import * as checks from './checks.mjs';
import { control, serve } from './fixtures.mjs';

const { values: options } = parseArgs({ options: {
  base: { type: 'string' }, states: { type: 'string' }, logins: { type: 'string' }, shots: { type: 'string' }, only: { type: 'string', default: '' },
  langs: { type: 'string', default: 'kk,ru,en' }, widths: { type: 'string', default: '1280,320' }, words: { type: 'boolean', default: false }, 'skip-control': { type: 'boolean', default: false }, jobs: { type: 'string', default: '2' },
} });
const errorWords = ['Қате:', 'Ошибка:', 'Error:'];
const reviewed = JSON.parse(readFileSync(new URL('reviewed.json', import.meta.url), 'utf8'));
const langs = options.langs.split(','), widths = options.widths.split(',').map(Number);
if (options.shots) mkdirSync(options.shots, { recursive: true });

let passed = 0, failed = 0;
const report = (name, findings) => {
  if (!findings.length) { passed++; return; }
  failed++;
  console.log(`FAIL ${name}`);
  for (const f of findings.slice(0, 12)) console.log(`     ${f.check}: ${f.detail}`);
};

// look loads one state and returns what was found in each part of the look.
async function look(browser, state, base, lang, prepare) {
  const parts = [];
  const context = await browser.newContext({ baseURL: base, locale: lang, viewport: { width: widths[0], height: 900 } });
  try {
    await prepare(context, lang);
    const page = await context.newPage();
    const seen = await checks.watch(page);
    const status = await reach(page, state, lang);
    const title = await page.title();
    const words = options.words ? await checks.words(page, lang, state.typed ?? []) : [];
    parts.push({ part: 'markup', title, findings: [...status, ...words, ...await checks.structure(page, lang, { errors: state.errors, errorWords })] });
    for (const width of widths) {
      await page.setViewportSize({ width, height: width < 600 ? 640 : 900 });
      const findings = [...await checks.axe(page, reviewed), ...await checks.overflow(page), ...await checks.targets(page)];
      parts.push({ part: String(width), findings });
      if (options.shots && state.name) await page.screenshot({ path: `${options.shots}/${state.name}-${lang}-${width}.png`, fullPage: true });
    }
    parts.push({ part: 'behaviour', findings: seen });
  } finally {
    await context.close();
  }
  // What works without scripts does not hang on the language: the first one is enough.
  if (lang === langs[0] || base === 'http://control.test') parts.push(await lookPlain(browser, state, base, lang, prepare));
  return parts;
}

// reach goes to the state and says when it is not the one that was meant.
async function reach(page, state, lang) {
  let answer = await page.goto(state.path.replaceAll('{lang}', lang), { waitUntil: 'load' });
  for (const { fill, set, press } of state.steps ?? []) {
    if (fill) await page.fill(fill[0], fill[1], { timeout: 5000 });
    if (set) await page.locator(set[0]).first().evaluate((e, value) => { e.value = value; }, set[1]);
    if (press) {
      const loaded = page.waitForEvent('load');
      [answer] = await Promise.all([page.waitForResponse((r) => r.request().isNavigationRequest() && r.status() !== 303), page.locator(press).first().click({ timeout: 5000 })]);
      await loaded;
    }
  }
  const findings = [];
  if (answer.status() !== (state.status ?? 200)) findings.push({ check: 'status', detail: `${answer.status()} ${(await page.locator('main').innerText()).slice(0, 300)}` });
  if (state.pattern && !new RegExp(state.pattern).test(decodeURIComponent(new URL(page.url()).pathname))) findings.push({ check: 'address', detail: page.url() });
  return findings;
}

async function lookPlain(browser, state, base, lang, prepare) {
  const context = await browser.newContext({ baseURL: base, locale: lang, javaScriptEnabled: false, viewport: { width: widths.at(-1), height: 640 } });
  try {
    await prepare(context, lang);
    const page = await context.newPage();
    const status = await reach(page, state, lang);
    return { part: 'no script', findings: [...status, ...await checks.plain(page), ...await checks.overflow(page)] };
  } finally {
    await context.close();
  }
}

// titles finds states that share a title within a language.
function titles(looks) {
  const byTitle = new Map();
  const findings = [];
  for (const { state, lang, title } of looks) {
    const key = `${lang} ${title}`, other = byTitle.get(key);
    const same = other && (state.name === other.name || state.sameTitle === other.name || state.page && state.page === other.page);
    if (other && !same) findings.push({ check: 'title-unique', detail: `${state.name} and ${other.name} are both "${title}" in ${lang}` });
    byTitle.set(key, other ?? state);
  }
  return findings;
}

async function runControl(browser) {
  for (const fixture of control) {
    const state = { path: '/', errors: fixture.errors };
    const looks = [];
    const findings = [];
    for (const name of fixture.twice ? ['first', 'second'] : ['only']) {
      const parts = await look(browser, state, 'http://control.test', 'en', (context) => serve(context, fixture));
      looks.push({ state: { name }, lang: 'en', title: parts[0].title });
      findings.push(...parts.flatMap((p) => p.findings));
    }
    findings.push(...titles(looks));
    report(`control: ${fixture.fault}`, findings.some((f) => f.check === fixture.fault) ? [] : [{ check: 'control', detail: 'the seeded fault was not noticed' }]);
  }
}

async function runStates(browser) {
  const logins = options.logins ? await import(pathToFileURL(resolve(options.logins)).href) : {};
  const states = JSON.parse(readFileSync(options.states, 'utf8')).filter((s) => s.name.includes(options.only));
  if (!states.length) report('states', [{ check: 'states', detail: 'no state to look at' }]);
  const queue = states.flatMap((state) => langs.map((lang) => ({ state, lang })));
  const looks = [], locks = new Map();
  const worker = async () => {
    for (let job = queue.shift(); job; job = queue.shift()) {
      const { state, lang } = job;
      const name = `${state.name} ${lang}`;
      const before = state.lock ? locks.get(state.lock) : null;
      let unlock;
      if (state.lock) locks.set(state.lock, new Promise((done) => { unlock = done; }));
      await before;
      try {
        const parts = await look(browser, state, options.base, lang, async (context) => {
          if (state.cookies) await context.addCookies(state.cookies.map((c) => ({ url: options.base, ...c })));
          if (state.login) await logins[state.login](context, options.base, lang);
        });
        for (const p of parts) report(`${name} ${p.part}`, p.findings);
        looks.push({ ...job, title: parts[0].title });
      } catch (e) {
        report(name, [{ check: 'runner', detail: e.message.split('\n')[0] }]);
      } finally {
        unlock?.();
      }
    }
  };
  await Promise.all(Array.from({ length: Number(options.jobs) }, worker));
  report('titles', titles(looks));
}

const browser = await launch();
try {
  if (!options['skip-control']) await runControl(browser);
  if (options.base) await runStates(browser);
} finally {
  await browser.close();
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed ? 1 : 0;
