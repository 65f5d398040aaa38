// Both services of the user manuals from the order to the permit, in Kazakh: at each figure the page says what docs/manuals.md
// lists for it, in that order.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { chain } from './actor.mjs';
import { Frame } from './journey_signer.mjs';
import { keyFile, secret } from './keyfile.mjs';
import { numbering, restoration, Walk } from './walk.mjs';

// figures reads the tables of docs/manuals.md: under each "### N-6 …" the labels in « » of the second column.
function figures(text) {
  return new Map(text.split(/^### /m).slice(1).map((part) => {
    const rows = part.split('\n').filter((line) => line.startsWith('|')).slice(2);
    return [part.split(' ')[0], rows.flatMap((line) => [...line.split('|')[2].matchAll(/«([^»]+)»/g)].map((found) => found[1]))];
  }));
}

// missing are the labels that do not stand in the words after the one before them.
function missing(words, labels) {
  let at = 0;
  return labels.filter((label) => {
    const found = words.indexOf(label, at);
    if (found >= 0) at = found + label.length;
    return found < 0;
  });
}

// Manual holds what the pages are compared with.
class Manual extends Walk {
  seen = new Set();
  figures = figures(readFileSync(join(import.meta.dirname, '../../docs/manuals.md'), 'utf8'));

  // see compares a page, or a frame of one, with a figure. Its control: the labels in the other order are missed.
  async see(figure, page) {
    const labels = this.figures.get(figure), words = (await page.evaluate(() => document.body.innerText)).replace(/\s+/g, ' ');
    if (this.shots && page.screenshot) await page.screenshot({ path: `${this.shots}/manual-${figure}.png`, fullPage: true });
    assert.ok(labels?.length, `docs/manuals.md lists nothing for ${figure}`);
    assert.deepEqual(missing(words, labels), [], `${figure}: ${words.slice(0, 3000)}`);
    assert.deepEqual(missing(words, [...labels, 'Мұндай белгі жоқ']), ['Мұндай белгі жоқ'], 'the control');
    this.seen.add(figure);
  }
}

// decided takes an application through both officials of a body; propose is what the first fills in.
async function decided(walk, body, number, figure, propose) {
  const executor = await walk.official(`${body}.executor`), approver = await walk.official(`${body}.approver`);
  await executor.go('/applications');
  if (figure.list) await walk.see(figure.list, executor.page);
  await executor.go(`/applications/${number}`);
  assert.equal(await executor.press('take'), 200);
  await propose(executor);
  await walk.see(figure.proposal, executor.page);
  assert.equal(await executor.press('propose'), 200, String(await executor.errors()));
  await approver.go(`/applications/${number}`);
  assert.equal(await approver.press('take'), 200);
  await walk.see('O-3', approver.page);
  assert.equal(await approver.press('confirm'), 200, String(await approver.errors()));
  await executor.page.context().close();
  await approver.page.context().close();
}

// fromHome goes from the home page to the passport and the order of the numbering resource.
async function fromHome(walk, applicant) {
  const { page } = applicant, see = (figure) => walk.see(figure, page);
  await applicant.go('/');
  await see('N-1');
  await page.click('header a[href$="/kk/login"]');
  await page.waitForURL(/login/);
  await see('N-2');
  await applicant.logIn(walk.demo.people.trade);
  await applicant.go('/');
  await see('N-3');
  await see('N-4');
  await page.click('main a[href="/kk/spheres/culture-communications"]');
  await page.waitForURL(/spheres/);
  const service = page.locator('main a[href*="/services/numbering-resource"]').first();
  if (!await service.isVisible()) await page.locator('main details', { has: page.locator('a[href*="/services/numbering-resource"]') }).locator('summary').click();
  await service.click();
  await page.waitForURL(/services/);
  for (const hidden of await page.locator('main details:not([open]) > summary').all()) await hidden.click();
  await see('N-5');
  await page.locator('main a[href*="/services/numbering-resource/order"]').first().click();
  await page.waitForURL(/order/);
}

// numbers fills in and signs the application for numbers; gives its number.
async function numbers(walk, applicant) {
  const see = (figure) => walk.see(figure, applicant.page), number = await numbering(applicant, see);
  assert.equal(await applicant.signInPage(walk.demo.people.trade), 200, String(await applicant.errors()));
  await see('N-10');
  await applicant.go('/applications');
  await see('N-11');
  return number;
}

// convert restores the paper licence of the manual, and signs with a key file; gives the application's number.
async function convert(walk, applicant) {
  const { page } = applicant, see = (figure) => walk.see(figure, page);
  await page.locator('main a[href*="/services/licence-restoration/order"]').first().click();
  await page.waitForURL(/order/);
  const number = await restoration(applicant, { series: '15', licence_number: '1111', issued_on: '14.09.2011' }, see);
  const frame = new Frame(page);
  await frame.open();
  await frame.choose(keyFile(walk.demo, walk.demo.people.trade), secret);
  await frame.said('[data-status]', 'Кілт ашылды');
  await walk.see('R-9.2', frame.own);
  assert.equal(await applicant.send(frame.frame.locator('[data-sign]')), 200, String(await applicant.errors()));
  await see('R-11');
  return number;
}

export async function journey(tools) {
  const walk = new Manual(tools, 'kk'), applicant = await walk.window(tools.demo.base), { page } = applicant;
  const step = chain(tools.test, 'the user manuals', page);
  const opened = async (selector, address) => { await page.locator(selector).first().click(); await page.waitForURL(address); };
  let number;
  await step('the numbering resource, from the home page to the order', () => fromHome(walk, applicant));
  await step('the numbering resource, from personal data to the signature', async () => { number = await numbers(walk, applicant); });
  await step('officials reserve the numbers and confirm', () => decided(walk, 'cci', number, { list: 'O-1', proposal: 'O-2' }, async (executor) => {
    assert.equal(await executor.press('reserve'), 200);
    await executor.page.locator('main [name=outcome][value=granted]').check();
  }));
  await step('the permit, and its numbers in the public register', async () => {
    await applicant.go('/numbering/717-2');
    await walk.see('C-2', page);
    await applicant.go('/permits');
    await walk.see('N-12', page);
    await opened('main a[href*="/kk/permits/KZ"]', /permits\/KZ/);
    await walk.see('N-13', page);
    await applicant.go('/permits');
  });
  await step('the restoration, from my permits to the signature by a key file', async () => { number = await convert(walk, applicant); });
  await step('officials find the paper licence and confirm', () => decided(walk, 'knb', number, { proposal: 'O-4' }, async (executor) => {
    await executor.page.locator('main [name=outcome][value=granted]').check();
    await executor.page.locator('main [name=paper]').first().check();
  }));
  await step('the electronic permit of the paper licence, checked by its address', async () => {
    await applicant.go('/permits');
    await walk.see('R-12', page);
    await opened('main a[href*="/kk/permits/KZ"]', /permits\/KZ/);
    await walk.see('R-13', page);
    await opened('main a[href*="/check/"]', /check/);
    await walk.see('C-1', page);
  });
  await step('every figure of docs/manuals.md was seen', () => assert.deepEqual([...walk.figures.keys()].filter((figure) => !walk.seen.has(figure)), []));
  await page.context().close();
}
