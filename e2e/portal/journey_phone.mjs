// Signing on a telephone: the portal's page shows the code, the demonstration's telephone signs, the page goes on.
import assert from 'node:assert/strict';
import { watch } from '../checks.mjs';
import { Actor, chain, draft, pdf } from './actor.mjs';

const file = { name: 'Шарт № 17.pdf', mimeType: 'application/pdf', buffer: pdf('Contract 17') };

// signOn signs on the telephone; gives what it says.
async function signOn(phone, person) {
  await phone.selectOption('#key', person.fingerprint);
  await Promise.all([phone.waitForEvent('domcontentloaded'), phone.click('form[method=post] button')]);
  return phone.locator('main').innerText();
}

export async function journey({ browser, demo, test }) {
  const { importer, trade } = demo.people;
  for (const script of [true, false]) {
    const lang = script ? 'kk' : 'ru';
    const context = await browser.newContext({ baseURL: demo.base, locale: lang, javaScriptEnabled: script, viewport: { width: script ? 1280 : 320, height: 900 } });
    const page = await context.newPage();
    const seen = await watch(page);
    const actor = new Actor(page, demo, { lang, script });
    const step = chain(test, `telephone, ${script ? 'with' : 'without'} scripts`, page);
    let phone;
    await step('an application waits for its signature', async () => {
      await actor.logIn(importer, { representative: importer.iin });
      await draft(actor, 'sign', { file });
    });
    await step('the telephone shows who asks for what, with the same code as the page', async () => {
      phone = await actor.openPhone();
      const shown = await phone.locator('main').innerText(), here = await page.locator('main').innerText();
      const code = /\d{3} \d{3}/.exec(await page.locator('main dl').innerText())[0];
      for (const word of [code, importer.bin, importer.iin, demo.base]) assert.ok(shown.includes(word) && here.includes(word), `${word} in ${shown}`);
      assert.match(shown, script ? /Өтініш беру KZ/ : /Подача заявления KZ/);
      assert.equal(await page.locator('main svg[role=img] path').count(), 1);
    });
    await step("another's key is refused on the telephone, and the page waits on", async () => {
      assert.match(await signOn(phone, trade), script ? /Кілт басқа адамға тиесілі/ : /Ключ принадлежит другому лицу/);
      if (script) await page.locator('[data-phone-status]').filter({ hasText: 'күтілуде' }).waitFor();
      else {
        assert.equal(await actor.send(page.locator('main form[data-phone] button')), 200);
        assert.match(await page.locator('main').innerText(), /ещё не пришла/);
      }
      await phone.goBack();
    });
    await step('signed there, decided here', async () => {
      if (script) {
        const arrived = page.waitForURL(/\/applications\/KZ[^/]+$/);
        assert.match(await signOn(phone, importer), /Қолтаңба порталға жіберілді/);
        await arrived;
        assert.match(await page.locator('main').innerText(), /Рұқсат беру құжаты берілді/);
      } else {
        assert.match(await signOn(phone, importer), /Подпись отправлена/);
        assert.equal(await actor.send(page.locator('main form[data-phone] button')), 200, String(await actor.errors()));
        assert.match(await page.locator('main').innerText(), /Разрешительный документ выдан/);
      }
    });
    await step('a log-in, which names nobody before it is signed, is not offered on a telephone', async () => {
      await phone.close();
      await actor.logOut();
      await actor.go('/login/certificate');
      await page.locator('main a[href*="/document"]').first().waitFor();
      assert.equal(await page.locator('main a[href*="/phone"]').count(), 0);
    });
    await step('nothing was refused by the policy, no script failed', async () => {
      assert.deepEqual(seen.filter((f) => f.check === 'csp' || f.check === 'script'), []);
    });
    await phone?.context().close();
    await context.close();
  }
}
