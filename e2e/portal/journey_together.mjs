// Two services asked for together and signed with a key file: one opening of the key signs both documents, and nothing else.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import * as checks from '../checks.mjs';
import { chain } from './actor.mjs';
import { Frame } from './journey_signer.mjs';
import { keyFile, secret } from './keyfile.mjs';
import { together, Walk } from './walk.mjs';

const digest = (bytes) => createHash('sha256').update(bytes).digest('hex');

// given shows a frame of the signer, gives it the documents (base64 of each) and says whether it asks for a key.
const given = (documents) => new Promise((done) => {
  const { frame: address, signer } = document.querySelector('[data-signer]').dataset;
  const frame = document.createElement('iframe');
  const bytes = (d) => Uint8Array.from(atob(d), (c) => c.charCodeAt(0));
  let waiting = false;
  const end = (asks) => { removeEventListener('message', heard); frame.remove(); done(asks); };
  function heard({ origin, source, data }) {
    if (origin !== signer || source !== frame.contentWindow) return;
    if (data.type === 'ready') source.postMessage({ type: 'documents', documents: Array.isArray(documents) ? documents.map(bytes) : documents }, origin);
    waiting ||= data.type === 'ready';
    if (data.type === 'unavailable') end(false);
    else if (waiting && data.type === 'height' && data.height > 500) end(true); // the form for the key has appeared
  }
  addEventListener('message', heard);
  frame.src = address;
  document.querySelector('[data-signer]').before(frame);
  frame.scrollIntoView(); // a frame out of sight is not laid out
});

export async function journey(tools) {
  const { demo, test } = tools;
  const actor = await new Walk(tools, 'kk').applicant(demo.people.trade);
  const { page } = actor, signer = new Frame(page), step = chain(test, 'asked for together, with a key file', page);
  let address, documents;

  await step('both applications wait for their signatures', async () => {
    address = await together(actor);
    await actor.go(`${address}/sign`);
    documents = (await page.getAttribute('[data-signer]', 'data-payload')).split(',').map((d) => Buffer.from(d, 'base64'));
    assert.equal(documents.length, 2);
  });
  await step('documents of two people, of two purposes, none or something else are not signed', async () => {
    const [first, second] = documents.map((d) => JSON.parse(d)), base64 = (d) => Buffer.from(JSON.stringify(d)).toString('base64');
    assert.equal(await page.evaluate(given, [base64(first), base64(second)]), true, 'the control: these two are');
    for (const [what, wrong] of Object.entries({
      'another person': [base64(first), base64({ ...second, iin: '900514400011' })], 'another organisation': [base64(first), base64({ ...second, bin: undefined })],
      'another purpose': [base64(first), base64({ ...second, purpose: 'withdrawal' })], 'another portal': [base64(first), base64({ ...second, origin: 'https://example.kz' })],
      'no JSON': [base64(first), 'AAAA'], none: [], 'too many': Array(17).fill(base64(first)), 'no list': 'x',
    })) assert.equal(await page.evaluate(given, wrong), false, what);
  });
  await step('the frame shows both, from the bytes themselves', async () => {
    await signer.open();
    assert.equal(await signer.fact('digest'), documents.map(digest).join(', '));
    assert.equal(await signer.fact('application'), documents.map((d) => JSON.parse(d).application).join(', '));
    assert.equal(await signer.fact('purpose'), 'Өтініш беру');
    for (const width of [1280, 320]) {
      await page.setViewportSize({ width, height: 900 });
      assert.deepEqual([...await checks.overflow(page), ...await checks.overflow(signer.own), ...await checks.spill(signer.own)], [], `${width} px`);
    }
    await page.setViewportSize({ width: 1280, height: 900 });
  });
  await step('one opening signs both, and both are filed', async () => {
    await signer.choose(keyFile(demo, demo.people.trade), secret);
    await signer.said('[data-status]', 'Кілт ашылды');
    assert.equal(await actor.send(signer.frame.locator('[data-sign]')), 200, String(await actor.errors()));
    assert.equal(new URL(page.url()).pathname, `/kk${address}`);
    assert.equal(await page.locator('[data-sign-form], main a[href$="/sign"]').count(), 0, 'nothing is left to sign');
    assert.equal(page.workers().length, 0, 'the worker is gone');
    const shown = await page.locator('main').innerText();
    for (const state of ['Ағымдағы', 'Қабылданған']) assert.ok(shown.includes(state), `${state} in ${shown}`);
  });
}
