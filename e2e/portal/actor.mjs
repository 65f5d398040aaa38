// What a visitor does on the portal, with scripts or without them: the same steps, by the same words on the page.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { password } from '../demo.mjs';

// day gives the date that many days from today in Almaty, as it is typed: 22.11.2026.
export function day(offset) {
  return new Date(Date.now() + offset * 86_400_000).toLocaleDateString('ru-RU', { timeZone: 'Asia/Almaty', day: '2-digit', month: '2-digit', year: 'numeric' });
}

// pdf is a small well-formed PDF with one line of text.
export function pdf(text) {
  const stream = `BT /F1 18 Tf 72 720 Td (${text}) Tj ET`;
  const objects = ['<</Type/Catalog/Pages 2 0 R>>', '<</Type/Pages/Kids[3 0 R]/Count 1>>',
    '<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>',
    `<</Length ${stream.length}>>stream\n${stream}\nendstream`, '<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>'];
  let out = '%PDF-1.4\n';
  const at = objects.map((o, i) => { const n = out.length; out += `${i + 1} 0 obj\n${o}\nendobj\n`; return n; });
  const xref = out.length;
  out += `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n` + at.map((n) => `${String(n).padStart(10, '0')} 00000 n \n`).join('');
  return Buffer.from(out + `trailer\n<</Size ${objects.length + 1}/Root 1 0 R>>\nstartxref\n${xref}\n%%EOF\n`, 'latin1');
}

// trade gives answers for every field of the trade licence; imports of methyl bromide have no quota to use up.
export function trade(variant, changes = {}) {
  const other = variant === 'import'
    ? { seller: 'Qingdao Sample Chemicals Co., Ltd, 1 Port Road, Qingdao', seller_country: 'CN', dispatch_country: 'CN', origin_country: 'CN', goods_code: '290361' }
    : { buyer: 'Muster Handel GmbH, Hafenstrasse 1, Hamburg', buyer_country: 'DE', destination_country: 'DE', origin_country: 'KZ', goods_code: '290371' };
  return { start_date: day(5), end_date: day(65), contract_number: 'ИМП-2026/17', contract_date: day(-20), currency: 'USD', value: '12 500,50', statistical_value: '12500,50',
    quantity: '1 000,5', unit: '166', additional_information: 'Тауар бір партиямен жеткізіледі', ground: 'Өсімдіктер карантині жөніндегі қорытынды № 7', surname: 'Үлгібаев',
    given_name: 'Ерлан', patronymic: 'Маратұлы', position: 'директор', position_2: 'бас директордың орынбасары', phone: '+7 701 000 00 03', warning: true, ...other, ...changes };
}

// personal gives answers for every field of the personal data.
export const personal = {
  small_business: 'yes', representative_name: 'Үлгібаев Ерлан Маратұлы', representative_position: 'директор', representative_address: 'Астана қаласы, Үлгі көшесі, 1',
  city: 'Қонаев', postal_index: '040800', street_ru: 'улица Жибек жолы', street_kk: 'Жібек жолы көшесі', house: '15', house_letter: 'А', flat: '12', phones: '+7 701 000 00 03', faxes: '+7 7172 00 00 01',
};

const main = (page, rest) => page.locator(`main ${rest}`);

// Actor is somebody before a browser window.
export class Actor {
  constructor(page, demo, { lang, script = true }) { Object.assign(this, { page, demo, lang, script }); }

  link(path) { return `/${this.lang}${path}`; }
  go(path) { return this.page.goto(this.link(path)); }
  heading() { return this.page.locator('h1').innerText(); }

  // send presses a button and waits for the page that follows; gives its status.
  async send(button) {
    const [answer] = await Promise.all([this.page.waitForResponse((r) => r.request().isNavigationRequest() && r.status() !== 303),
      this.page.waitForEvent('domcontentloaded'), button.click()]);
    await this.page.waitForLoadState();
    return answer.status();
  }

  // press sends the form of the page with the button of that value ("next", "back", "later").
  // Where the official of the last step signs the decision, "confirm" is the way to that page and the signature.
  async press(value = 'next') {
    const signed = this.page.locator('main .buttons a[href$="/decision"]');
    if (value !== 'confirm' || !await signed.count()) return this.send(this.page.locator(`main .buttons button[name=go][value=${value}]`));
    await signed.click();
    await this.page.waitForURL(/decision$/);
    await this.page.click('[data-sign-start]');
    await this.page.locator('#sign-key').waitFor(); // the agent proposes the key of the person who is asked
    return this.send(this.page.locator('[data-sign-choose]'));
  }

  async logIn(person, { representative, next = '' } = {}) {
    await this.go(`/login${next && `?next=${encodeURIComponent(next)}`}`);
    await this.page.fill('#f-number', person.number);
    await this.page.fill('#f-password', password);
    const button = this.page.locator('main form').first().locator('.buttons button');
    let status = await this.send(button);
    if (representative) {
      assert.equal(status, 422, 'the representative is asked for');
      await this.page.fill('#f-representative', representative);
      await this.page.fill('#f-password', password);
      status = await this.send(button);
    }
    assert.equal(status, 200, await this.page.locator('main').innerText());
  }

  // logOut opens the menus that hide the button.
  async logOut() {
    const button = this.page.locator('form[action$="/logout"] button').first();
    for (const menu of await this.page.locator('details', { has: button }).all()) if (await menu.getAttribute('open') === null) await menu.locator('summary').first().click();
    return this.send(button);
  }

  // set answers one field in the way that suits its kind. null leaves it alone.
  async set(name, value) {
    if (value === null) return;
    const lookup = main(this.page, `.lookup[data-name="${name}"]`);
    if (await lookup.count()) return this.find(lookup, name, value);
    const field = main(this.page, `[name="${name}"]`).first();
    const kind = await field.evaluate((e) => e.tagName === 'SELECT' ? 'select' : e.type);
    if (kind === 'select') await field.selectOption(value);
    else if (kind === 'radio') await main(this.page, `[name="${name}"][value="${value}"]`).check();
    else if (kind === 'checkbox') await field.setChecked(value);
    else await field.fill(value);
  }

  // find chooses the directory's first answer to the words: in the combobox, or by the Find button.
  async find(lookup, name, words) {
    if (this.script) {
      await lookup.locator('[role=combobox]').fill(words);
      await lookup.locator('[role=option]').first().click();
      assert.notEqual(await lookup.locator(`[name="${name}"]`).inputValue(), '', `${name}: the code of the choice`);
      return;
    }
    await lookup.locator('input[type=text]').fill(words);
    await this.send(lookup.locator('button[name=find]'));
    await main(this.page, `.lookup[data-name="${name}"] .found [type=radio][name="${name}"]`).first().check();
  }

  // fill answers a page of the wizard: the directories first, since without scripts each is a page load.
  async fill(answers) {
    const names = await this.page.$$eval('main form [name]', (all) => [...new Set(all.map((e) => e.name))]);
    const directories = await this.page.$$eval('main .lookup', (all) => all.map((e) => e.dataset.name));
    const asked = Object.keys(answers).filter((n) => names.includes(n) || directories.includes(n));
    for (const name of asked.filter((n) => directories.includes(n))) await this.set(name, answers[name]);
    for (const name of asked.filter((n) => !directories.includes(n))) await this.set(name, answers[name]);
    return asked;
  }

  // empty names the boxes of the page that hold nothing.
  empty() {
    return this.page.$$eval('main form :is(input[type=text],input[type=tel],textarea,select)', (all) => all.filter((e) => e.value === '').map((e) => e.name || e.id));
  }

  // order begins the trade licence; gives the number of the draft.
  async order(subtype) {
    await this.go(`/services/trade-licence/order?subtype=${subtype}`);
    await this.press();
    return this.number();
  }

  number() { return /\/applications\/([^/?#]+)/.exec(this.page.url())?.[1]; }

  // attach uploads a file to a row of the documents' table, by its paper clip.
  async attach(key, file) {
    await this.page.click(`main a[href$="/documents/${key}"]`);
    await this.page.setInputFiles('main #upload input[type=file]', file);
    return this.send(this.page.locator('main #upload button[type=submit]').last());
  }

  // pay goes to the gateway and comes back.
  async pay(choice = 'pay') {
    await this.page.locator('main form[action$="/payment"] button').first().click();
    await this.page.waitForURL(/\/pay\?/);
    await this.page.click(`button[value=${choice}]`);
    await this.page.waitForURL(/\/payment\/return/);
    for (let i = 0; i < 40 && await this.page.locator('main .buttons a[href*="/payment/return"]').count(); i++) {
      await this.page.waitForTimeout(250);
      await this.page.goto(this.page.url());
    }
  }

  // signInPage signs with the demonstration's agent and the key of the person.
  async signInPage(person) {
    await this.page.click('[data-sign-start]');
    await this.page.locator('#sign-key').waitFor();
    await this.page.selectOption('#sign-key', person.fingerprint);
    return this.send(this.page.locator('[data-sign-choose]'));
  }

  // openPhone goes from a signing page to the page with the code, and opens the code's link as a telephone would.
  async openPhone() {
    await this.page.click('main a[href*="/phone"]');
    await this.page.locator('main form[data-phone]').waitFor();
    const phone = await this.page.context().browser().newPage();
    await phone.goto(await this.page.getAttribute('main a[target=_blank]', 'href'));
    return phone;
  }

  // document downloads what is to be signed; gives the file's name in the temporary folder.
  async document() {
    const href = await this.page.getAttribute('main a[href*="/sign/"][download]', 'href');
    const answer = await this.page.context().request.get(new URL(href, this.demo.base).href);
    assert.equal(answer.status(), 200);
    const file = join(this.demo.folder, `${this.number() ?? 'document'}-${Date.now()}.json`);
    writeFileSync(file, await answer.body());
    return file;
  }

  // signOutside signs with openssl, as the page tells, and uploads; change alters the bytes before signing.
  async signOutside(person, change = (b) => b) {
    const file = await this.document(), signature = file.replace(/json$/, 'cms');
    writeFileSync(file, change(readFileSync(file)));
    const made = spawnSync('openssl', ['cms', '-sign', '-cades', '-md', 'sha256', '-binary', '-in', file, '-signer', person.pem, '-inkey', person.key, '-outform', 'DER', '-out', signature], { encoding: 'utf8' });
    assert.equal(made.status, 0, made.stderr);
    return this.upload(signature);
  }

  async upload(signature) {
    await this.page.setInputFiles('main input[type=file][name=cms]', signature);
    return this.send(this.page.locator('main form:has(input[type=file][name=cms]) button[type=submit]').last());
  }

  // errors are the lines of the error summary.
  errors() { return this.page.locator('.error-summary li').allInnerTexts(); }

  // download gets a link's file.
  async download(selector) {
    const answer = await this.page.context().request.get(new URL(await this.page.getAttribute(selector, 'href'), this.demo.base).href);
    assert.equal(answer.status(), 200, selector);
    return answer.body();
  }
}

// draft takes a person to a step of the trade licence and gives the draft's number; steps: trade, documents, payment,
// check, sign. The body is that of any script-free browser, so it works in both.
export async function draft(actor, step, { variant = 'import', answers = {}, own = personal, file } = {}) {
  const order = ['personal', 'trade', 'documents', 'payment', 'check', 'sign'];
  const until = order.indexOf(step);
  const number = await actor.order(variant);
  if (until >= 1) { await actor.fill(own); assert.equal(await actor.press(), 200, `personal: ${await actor.errors()}`); }
  if (until >= 2) {
    await actor.fill(trade(variant, answers));
    assert.equal(await actor.press(), 200, `trade: ${await actor.errors()}`);
  }
  if (until >= 3) {
    assert.equal(await actor.attach('contract', file), 200);
    await actor.press();
  }
  if (until >= 4) {
    await actor.pay();
    await actor.go(`/applications/${number}/check`);
  }
  if (until >= 5) assert.equal(await actor.press(), 200, `check: ${await actor.errors()}`);
  return number;
}

// chain runs the steps of a journey: after one that failed the rest is not tried, and counted as failed.
export function chain(test, journey, page) {
  let broken = '';
  page.setDefaultTimeout(30_000);
  return (name, run) => test(`${journey}: ${name}`, async () => {
    if (broken) throw new Error(`not reached after "${broken}"`);
    try {
      await run();
    } catch (e) {
      broken = name;
      throw e;
    }
  });
}
