// The whole program in a real browser: journeys from the log-in to the permit, and every page of the router.
//
//   node portal.mjs [--only journey|pages] [--state text,text] [--both] [--shots folder]
//
// The two longest journeys walk one language each, both with --both: of officials, and of a licence, which is walked when it is named.
// Starts a demonstration of its own and stops it. ELICENSE=file takes a binary that is built already. The last line is
// "N passed, N failed".
import { parseArgs } from 'node:util';
import { finish, launch, within } from './browser.mjs';
import { start } from './demo.mjs';
import { journey as client } from './portal/journey_client.mjs';
import { journey as manuals } from './portal/journey_manuals.mjs';
import { journey as officials } from './portal/journey_officials.mjs';
import { journey as people } from './portal/journey_people.mjs';
import { journey as permit } from './portal/journey_permit.mjs';
import { journey as phone } from './portal/journey_phone.mjs';
import { journey as plain } from './portal/journey_plain.mjs';
import { journey as withScripts } from './portal/journey_script.mjs';
import { journey as withKeyFile } from './portal/journey_signer.mjs';
import { journey as together } from './portal/journey_together.mjs';
import { pages } from './portal/states.mjs';

const { values: options } = parseArgs({ options: { only: { type: 'string', default: '' }, shots: { type: 'string' }, state: { type: 'string' }, both: { type: 'boolean' } } });
let passed = 0, failed = 0;

async function test(name, run) {
  try {
    await within(600, run()); // a step of a journey is never repeated: it may have taken effect
    passed++;
    return true;
  } catch (e) {
    failed++;
    console.log(`FAIL ${name}: ${String(e.message).slice(0, Number(process.env.LONG ?? 1500))}\n     ${e.stack?.split('\n').find((l) => l.includes('/e2e/')) ?? ''}`);
    return false;
  }
}

const demo = await start();
const browser = await launch();
try {
  const keep = {}, tools = { browser, demo, test, keep };
  const wanted = (part) => !options.only || part.startsWith(options.only);
  const journeys = [['journey-script', withScripts], ['journey-plain', plain], ['journey-manuals', manuals], ['journey-people', people], ['journey-client', client], ['journey-phone', phone], ['journey-signer', withKeyFile], ['journey-together', together], ['journey-officials', officials, ['kk']]];
  if (options.only === 'journey-permit') journeys.push(['journey-permit', permit, ['ru']]); // long: HTTP tests walk the same life
  for (const [part, run, langs] of journeys) {
    if (wanted(part)) await run({ ...tools, shots: options.shots, langs: options.both ? ['kk', 'ru'] : langs });
  }
  if (wanted('pages')) {
    const sum = await pages(tools, options.shots, options.state);
    passed += sum.passed;
    failed += sum.failed;
  }
} finally {
  await demo.stop();
}
await finish(browser, passed, failed);
