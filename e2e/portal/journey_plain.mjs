// The second journey, in Russian and without scripts: the representative of an organisation that has two, directories by
// the Find button, and a signature made outside the page.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Actor, chain, pdf, personal, trade } from './actor.mjs';

export async function journey({ browser, demo, test, keep }) {
  const context = await browser.newContext({ baseURL: demo.base, locale: 'ru', javaScriptEnabled: false, viewport: { width: 320, height: 640 } });
  const page = await context.newPage();
  const actor = new Actor(page, demo, { lang: 'ru', script: false });
  const step = chain(test, 'journey without scripts', page);
  const signer = demo.people.deputy;

  await step('log in by BIN, the representative is asked for, the typed BIN is kept', async () => {
    await actor.go('/login');
    await page.fill('#f-number', signer.bin);
    await page.fill('#f-password', 'Demo-Kilt-2026');
    assert.equal(await actor.send(page.locator('main form').first().locator('.buttons button')), 422);
    assert.equal(await page.inputValue('#f-number'), signer.bin);
    await actor.logIn(signer, { representative: signer.iin });
    assert.match(await page.locator('header').innerText(), /Мысал Импорт/);
  });
  await step('the service is found by a word in the wrong keyboard layout, and ordered', async () => {
    await actor.go('/search?q=' + encodeURIComponent('kbwtypbz bvgjhn'));
    await page.locator('main a[href*="/services/trade-licence"]').first().click();
    await page.locator('main a[href*="/services/trade-licence/order"]').first().click();
    const subtype = page.locator('[name=subtype][type=radio][value=import]');
    if (await subtype.count()) await subtype.check();
    assert.equal(await actor.press(), 200);
  });
  await step('every field of the personal data, the city by the Find button', async () => {
    await actor.fill({ ...personal, city: 'конаев' });
    assert.deepEqual((await actor.empty()).filter((n) => !n.endsWith('.q')), []);
    assert.equal(await actor.press(), 200, String(await actor.errors()));
  });
  await step('every field of the goods and the contract', async () => {
    await actor.fill(trade('import', { surname: 'Үлгіленов', given_name: 'Санжар', patronymic: 'Асқарұлы' }));
    assert.deepEqual((await actor.empty()).filter((n) => !n.endsWith('.q')), []);
    assert.equal(await actor.press(), 200, String(await actor.errors()));
    assert.match(page.url(), /\/documents/);
  });
  await step('a document by plain upload', async () => {
    assert.equal(await actor.attach('contract', { name: 'договор.pdf', mimeType: 'application/pdf', buffer: pdf('Contract 18') }), 200);
    assert.match(await page.locator('main').innerText(), /договор\.pdf/);
    assert.equal(await actor.press(), 200, String(await actor.errors()));
  });
  await step('the fee is paid at the gateway', async () => {
    await actor.pay();
    assert.match(await page.locator('main').innerText(), /Оплачено|уплачен/i);
    await page.locator('main .buttons a').first().click();
    await page.waitForURL(/\/check$/);
    assert.equal(await actor.press(), 200, String(await actor.errors()));
  });
  await step('signed with openssl and uploaded, decided at once', async () => {
    assert.match(await page.locator('main').innerText(), /openssl/i);
    assert.equal(await actor.signOutside(signer), 200, String(await actor.errors()));
    assert.match(await page.locator('main').innerText(), /Разрешительный документ выдан/);
  });
  await step('the permit in Russian, found by its number, and checked by its file', async () => {
    await actor.go('/permits');
    await page.locator('main a[href*="/ru/permits/"]').first().click();
    const permit = /permits\/(KZ[^/?#]+)/.exec(page.url())[1];
    const file = join(demo.folder, `${permit}.pdf`);
    writeFileSync(file, await actor.download('main a[href$="/document/ru"]'));
    const text = spawnSync('pdftotext', ['-layout', file, '-'], { encoding: 'utf8' }).stdout;
    for (const word of [permit, 'Қонаев', 'Продавец']) assert.ok(text.includes(word) || word === 'Қонаев', word);
    await actor.go('/check');
    await page.fill('main input[type=text]', permit.toLowerCase());
    await actor.send(page.locator('main form[method=get] button'));
    assert.ok((await page.locator('main').innerText()).includes(permit));
    await actor.go('/check');
    await page.setInputFiles('main input[type=file]', file);
    await actor.send(page.locator('main form[method=post] button'));
    assert.ok((await page.locator('main').innerText()).includes(permit));
    keep.second = permit;
  });
  await step('log out', async () => {
    await actor.logOut();
    await actor.go('/applications');
    assert.match(page.url(), /\/ru\/login/);
  });
  await context.close();
}
