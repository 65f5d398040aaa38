// Looks at every state of every page in a real browser.
//
//   node run.mjs --base http://127.0.0.1:8080 --states states.json [--shots folder] [--words] [--skip-control]
//                [--only text] [--langs kk,ru,en] [--widths 1280,320] [--jobs 2]
//
// A state: {"name": "form-errors", "path": "/{lang}/form", "errors": true, "status": 200, "cookies": [{"name","value"}],
// "sameTitle": "name of the state whose title it shares"}. "steps" lead from the path to the state: [{"fill": [selector,
// text]}, {"set": [selector, value of a hidden field]}, {"press": selector}]; "status" is that of the last page. "page"
// names the page: its states may share a title; "pattern" is what the address must match; "extra" adds forced colours,
// paper and longer words, "axe" has axe see the wide page in every language. States with the same "lock" are not looked at at
// the same time. "typed" are the visitor's own words, which may be in any language; with --words the words of each page must
// be in its language. The last line is "N passed, N failed".
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { finish, launch } from './browser.mjs';
import { Run } from './look.mjs';

const { values: options } = parseArgs({ options: {
  base: { type: 'string' }, states: { type: 'string' }, shots: { type: 'string' }, only: { type: 'string', default: '' }, langs: { type: 'string', default: 'kk,ru,en' },
  widths: { type: 'string', default: '1280,320' }, words: { type: 'boolean', default: false }, 'skip-control': { type: 'boolean', default: false }, jobs: { type: 'string', default: '2' },
} });
const browser = await launch();
const run = new Run({ browser, base: options.base, langs: options.langs.split(','), widths: options.widths.split(',').map(Number), jobs: Number(options.jobs), words: options.words, shots: options.shots });
if (!options['skip-control']) await run.control();
if (options.base) await run.states(JSON.parse(readFileSync(options.states, 'utf8')).filter((s) => s.name.includes(options.only)));
await finish(browser, run.passed, run.failed);
