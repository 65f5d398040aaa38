// The first journey, in Kazakh and with scripts: an organisation finds the import licence, files it, signs it with the
// agent, and anybody can check the permit.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { watch } from '../checks.mjs';
import { Actor, chain, pdf, personal, trade } from './actor.mjs';

export async function journey({ browser, demo, test, keep }) {
  const context = await browser.newContext({ baseURL: demo.base, locale: 'kk', viewport: { width: 1280, height: 900 } });
  const page = await context.newPage();
  const seen = await watch(page);
  const actor = new Actor(page, demo, { lang: 'kk' });
  const step = chain(test, 'journey with scripts', page);

  await step('log in by BIN from the home page', async () => {
    await actor.go('/');
    await page.click('header a[href$="/kk/login"]');
    await actor.logIn(demo.people.trade);
    assert.match(await page.locator('header').innerText(), /Үлгі Сауда/);
  });
  await step('from sphere to group to passport to order', async () => {
    await actor.go('/');
    await page.click('main a[href="/kk/spheres/export-import"]');
    await page.waitForURL(/spheres/);
    const service = page.locator('main a[href*="/services/trade-licence"]').first();
    if (!await service.isVisible()) await page.locator('main details', { has: service }).locator('summary').first().click();
    await service.click();
    await page.waitForURL(/services/);
    assert.match(await page.locator('main').innerText(), /10 АЕК/);
    await page.locator('main a[href*="/services/trade-licence/order"]').first().click();
    const subtype = page.locator('[name=subtype][type=radio][value=import]');
    if (await subtype.count()) await subtype.check();
    assert.equal(await actor.press(), 200);
  });
  const number = actor.number();
  await step('every field of the personal data, the city by the combobox', async () => {
    assert.equal(await page.locator('#f-postal_index').inputValue() !== '', true, 'prefilled from the register');
    assert.ok(await page.locator('main .source').count() > 3, 'each value shows where it came from');
    await actor.fill(personal);
    assert.deepEqual(await actor.empty(), []);
    await page.locator('[data-autosave-status]').filter({ hasText: 'Сақталды' }).waitFor({ timeout: 20_000 });
    assert.equal(await actor.press(), 200, String(await actor.errors()));
    assert.match(page.url(), /pages\/trade/);
  });
  await step('every field of the goods and the contract', async () => {
    await actor.fill(trade('import'));
    assert.deepEqual(await actor.empty(), []);
    assert.equal(await actor.press(), 200, String(await actor.errors()));
    assert.match(page.url(), /\/documents/);
  });
  await step('a document by the paper clip', async () => {
    assert.equal(await actor.attach('contract', { name: 'Шарт № 17.pdf', mimeType: 'application/pdf', buffer: pdf('Contract 17') }), 200);
    assert.match(await page.locator('main table').innerText(), /Шарт № 17\.pdf/);
    assert.equal(await actor.press(), 200, String(await actor.errors()));
    assert.match(page.url(), /\/payment/);
  });
  await step('the fee is paid at the gateway', async () => {
    assert.match(await page.locator('main').innerText(), /10 АЕК/);
    await actor.pay();
    assert.match(await page.locator('main').innerText(), /төленді/i);
    await page.locator('main .buttons a').first().click();
    await page.waitForURL(/\/check$/);
  });
  await step('the answers are checked', async () => {
    const text = await page.locator('main').innerText();
    for (const value of ['Қонаев', 'ИМП-2026/17', '12 500,50', 'Шарт № 17.pdf', 'Жібек жолы көшесі']) assert.ok(text.replace(/\s+/g, ' ').includes(value), `${value} in ${text}`);
    assert.equal(await actor.press(), 200, String(await actor.errors()));
    assert.match(page.url(), /\/sign$/);
  });
  await step('signed with the agent, decided at once', async () => {
    assert.equal(await actor.signInPage(demo.people.trade), 200, String(await actor.errors()));
    assert.match(await page.locator('main').innerText(), /Рұқсат беру құжаты берілді/);
  });
  const files = {};
  let permit = '';
  await step('the permit: card, documents in Kazakh, Russian and English', async () => {
    await actor.go('/permits');
    await page.locator('main a[href*="/kk/permits/"]').first().click();
    permit = /permits\/(KZ[^/?#]+)/.exec(page.url())[1];
    for (const lang of ['kk', 'ru', 'en']) {
      files[lang] = join(demo.folder, `${permit}-${lang}.pdf`);
      writeFileSync(files[lang], await actor.download(`main a[href$="/document/${lang}"]`));
      const text = spawnSync('pdftotext', ['-layout', files[lang], '-'], { encoding: 'utf8' }).stdout;
      assert.ok(text.includes(permit), `${lang}: number`);
assert.match(text, /\b201KZ\d\d[0-9A-Z]{9}\b/, `${lang}: EAEU number`);
      for (const word of { kk: ['Сатушы', 'Қытай', 'Үлгі Сауда', 'Ә', 'ғ', 'ң'], ru: ['Продавец', 'Китай'], en: ['Seller', 'China'] }[lang]) assert.ok(text.includes(word), `${lang}: ${word}`);
    }
  });
  await step('anybody checks the permit by the address in its QR code', async () => {
    const code = spawnSync('pdftotext', [files.kk, '-'], { encoding: 'utf8' }).stdout;
    const address = /https?:\/\/\S+\/c\/\S+/.exec(code)?.[0];
    assert.ok(address, 'the address stands in words beside the QR code');
    const stranger = await browser.newContext({ baseURL: demo.base, locale: 'kk' });
    const other = await stranger.newPage();
    await other.goto(address);
    assert.match(other.url(), /\/kk\/check\//);
    const said = await other.locator('main').innerText();
    assert.ok(said.includes(permit) && /қолданыста|жарамды|Қолданыстағы/i.test(said), said.slice(0, 300));
    await stranger.close();
  });
  await step('elicense verify tells the permit from a changed copy', async () => {
    assert.equal(demo.run('verify', files.kk, '--data', join(demo.folder, 'data')).status, 0);
    const { readFileSync } = await import('node:fs');
    const changed = readFileSync(files.kk);
    changed[Math.floor(changed.length / 2)] ^= 1;
    const copy = files.kk.replace('.pdf', '-changed.pdf');
    writeFileSync(copy, changed);
    assert.equal(demo.run('verify', copy, '--data', join(demo.folder, 'data')).status, 1);
  });
  await step('nothing was refused by the policy, no script failed', async () => {
    assert.deepEqual(seen.filter((f) => f.check !== 'request' || !/net::ERR_ABORTED/.test(f.detail)), []);
  });
  keep.issued = number;
  keep.permit = permit;
  await context.close();
}
