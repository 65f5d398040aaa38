// Individuals: log-in by certificate, a new password after forgetting, the profile.
import assert from 'node:assert/strict';
import { password } from '../demo.mjs';
import { Actor, chain } from './actor.mjs';

export async function journey({ browser, demo, test }) {
  const context = await browser.newContext({ baseURL: demo.base, locale: 'kk', viewport: { width: 1280, height: 900 } });
  const page = await context.newPage();
  const actor = new Actor(page, demo, { lang: 'kk' });
  const step = chain(test, 'individuals', page);
  const { individual, proprietor, employee } = demo.people;
  const save = () => actor.send(page.locator('main form:not(:has([name=channels])) .buttons button').last());
  const leave = () => actor.logOut();
  const fresh = 'Жаңа-Құпиясөз-2026';

  await step('log in by certificate', async () => {
    await actor.go('/login/certificate');
    assert.equal(await actor.signInPage(individual), 200, String(await actor.errors()));
    assert.match(await page.locator('header').innerText(), /Мысалова/);
  });
  await step('the profile keeps what was typed, and says what is wrong', async () => {
    await actor.go('/profile');
    await page.fill('#f-email', 'жоқ');
    await page.fill('#f-postal_index', '010 000 1');
    await page.fill('#f-house', '77/1');
    assert.equal(await save(), 422);
    assert.equal(await page.inputValue('#f-email'), 'жоқ');
    assert.equal(await page.inputValue('#f-house'), '77/1');
    assert.ok((await actor.errors()).length >= 2);
    await page.fill('#f-email', 'mysalova@example.kz');
    await page.fill('#f-postal_index', '010000');
    assert.equal(await save(), 200, String(await actor.errors()));
    await actor.go('/profile');
    assert.equal(await page.inputValue('#f-house'), '77/1');
  });
  await step('what the profile holds is offered in an application', async () => {
    await actor.order('import');
    assert.equal(await page.inputValue('#f-house'), '77/1');
    assert.match(await page.locator('#f-house-source').innerText(), /рофил/);
    await actor.go(`/applications/${actor.number()}/delete`);
    await actor.send(page.locator('main form[action$="/delete"] button'));
    assert.match(page.url(), /\/kk\/applications$/);
    await leave();
  });
  await step('a forgotten password is replaced by a signature, and the old one is dead', async () => {
    await actor.go('/recover');
    await page.fill('#f-number', proprietor.iin);
    await page.fill('#f-password', fresh);
    assert.equal(await actor.send(page.locator('main form').first().locator('.buttons button')), 200, String(await actor.errors()));
    assert.equal(await actor.signOutside(individual), 422, 'another person\'s key');
    assert.ok((await actor.errors()).length);
    assert.equal(await actor.signInPage(proprietor), 200, String(await actor.errors()));
    assert.match(await page.locator('header').innerText(), /Сынақов/);
    await leave();
    await actor.go('/login');
    await page.fill('#f-number', proprietor.iin);
    await page.fill('#f-password', password);
    assert.equal(await actor.send(page.locator('main form').first().locator('.buttons button')), 422);
  });
  await step('the new password opens, and is changed in the profile', async () => {
    await page.fill('#f-number', proprietor.iin);
    await page.fill('#f-password', fresh);
    assert.equal(await actor.send(page.locator('main form').first().locator('.buttons button')), 200);
    await actor.go('/profile/password');
    await page.fill('#f-current', fresh);
    await page.fill('#f-password', password);
    assert.equal(await save(), 200, String(await actor.errors()));
    await leave();
  });
  await step('an employee without the right to sign cannot register the organisation', async () => {
    await actor.go('/register');
    await page.fill('#f-number', employee.bin);
    await page.fill('#f-representative', employee.iin);
    await page.fill('#f-email', 'synakbaeva@example.kz');
    await page.fill('#f-phone', '+7 701 000 00 06');
    await page.fill('#f-password', fresh);
    assert.equal(await actor.send(page.locator('main form').first().locator('.buttons button')), 200, String(await actor.errors()));
    assert.equal(await actor.signInPage(employee), 422);
    assert.ok((await actor.errors()).length);
  });
  await context.close();
}
