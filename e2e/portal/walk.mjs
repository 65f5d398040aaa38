// What the journeys through the offices share: windows of applicants and of officials in one language, and the applications
// of the user manuals up to their signature.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { Actor, day, pdf, personal } from './actor.mjs';

// file is what is attached wherever a document is asked for.
export const file = { name: 'Шарт № 17.pdf', mimeType: 'application/pdf', buffer: pdf('Document') };

// nothing is what is done at a step of an application that nobody looks at.
const nothing = async () => {};

// Walk opens windows in one language; name begins the names of its images.
export class Walk {
  constructor(tools, lang, name = 'officials') { Object.assign(this, tools, { lang, name, shown: new Set() }); }

  async window(base) {
    const context = await this.browser.newContext({ baseURL: base, locale: this.lang, viewport: { width: 1280, height: 900 } });
    const actor = new Actor(await context.newPage(), this.demo, { lang: this.lang });
    actor.page.setDefaultTimeout(60_000);
    return actor;
  }

  // applicant logs in a person; of an organisation with several, the representative.
  async applicant(person, representative) {
    const actor = await this.window(this.demo.base);
    await actor.logIn(person, { representative });
    return Object.assign(actor, { person });
  }

  // official opens the internal portal as one of its people.
  async official(login) {
    const actor = await this.window(this.demo.office);
    await actor.go('/login');
    await actor.send(actor.page.locator(`form:has(input[name=login][value="${login}"]) button`));
    return actor;
  }

  // shoot keeps an image of a kind of page at both widths, once a step.
  async shoot(page, name) {
    const key = `${this.name}-${this.lang}-${this.step}-${name}`;
    if (!this.shots || this.shown.has(key)) return;
    this.shown.add(key);
    for (const width of [320, 1280]) {
      await page.setViewportSize({ width, height: 900 });
      await page.screenshot({ path: join(this.shots, `${key}-${width}.png`), fullPage: true });
    }
  }

  // signed signs on the page of an application; gives its number.
  async signed(actor) {
    assert.equal(await actor.signInPage(actor.person), 200, String(await actor.errors()));
    return actor.number();
  }
}

// next goes to the next step of the wizard.
export async function next(applicant) {
  assert.equal(await applicant.press(), 200, String(await applicant.errors()));
}

// numbering goes from the order of the numbering resource, 200 numbers in Astana, to its signature; see looks at the figures
// of the manual on the way. Gives the application's number.
export async function numbering(applicant, see = nothing) {
  const { page } = applicant;
  await see('N-5.2');
  await next(applicant);
  const number = applicant.number();
  await see('N-6');
  await applicant.fill(personal);
  await next(applicant);
  await see('N-7');
  const astana = page.locator('[name=territory][value="710000000"]');
  await page.locator('main details', { has: astana }).locator('summary').click();
  await astana.check();
  await page.fill('main [name="territory.710000000"]', '200');
  await applicant.send(page.locator('main button[name=row][value="show:territory"]'));
  await see('N-7.2');
  await next(applicant);
  await see('N-8');
  await page.click('main a[href$="/documents/application_form"]');
  await page.waitForURL(/application_form/);
  await see('N-8.2');
  await applicant.go(`/applications/${number}/documents`);
  for (const key of ['application_form', 'charter', 'state_registration']) assert.equal(await applicant.attach(key, file), 200);
  await see('N-8.3');
  await next(applicant);
  await next(applicant);
  await see('N-9');
  return number;
}

// restoration goes from the order of the restoration of a paper licence to its signature. Gives the application's number.
export async function restoration(applicant, licence, see = nothing) {
  await see('R-6');
  await applicant.set('body', 'knb');
  await next(applicant);
  await see('R-6.2');
  await next(applicant);
  const number = applicant.number();
  await see('R-7');
  await applicant.fill({ category: 'activity', ...licence });
  await next(applicant);
  await see('R-8');
  await applicant.fill(personal);
  await next(applicant);
  await see('R-10');
  assert.equal(await applicant.attach('licence_copy', file), 200);
  await next(applicant);
  await next(applicant);
  return number;
}

// object answers the pages of a notification.
export const object = { object_name: '«Үлгі» шаштаразы', object_kind: 'beauty', object_city: 'Қонаев', object_address: 'Үлгі көшесі, 8-үй', area: '84,5', leased: 'no', begins: day(3),
  manager_name: 'Үлгібаев Ерлан Маратұлы', manager_phone: '+7 701 000 00 03', email: 'ulgibaev@example.kz', staff: '6', examined: '6', contacts_true: true, not_forbidden: true, requirements_known: true, truth: true };

// clinic answers the pages of a medical licence.
export const clinic = { holder_name: '«Үлгі Емхана» ЖШС', holder_address: 'Мәңгілік Ел 8', object_right: 'own', 'subkinds.1.kind': 'primary', 'subkinds.1.specialists': '5', truth: true };

// together completes both applications of a medical organisation; gives the address of their common page.
export async function together(actor) {
  await actor.go('/together/medical-facility');
  await actor.send(actor.page.locator('main form .buttons button'));
  const address = new URL(actor.page.url()).pathname.slice(3);
  await actor.fill({ ...personal, ...object, object_place: 'Қонаев', object_name: '«Үлгі» емханасы' });
  await actor.send(actor.page.locator('main form:has(#f-object_address) .buttons button').last());
  const parts = await actor.page.$$eval('main .card a[href*="/applications/KZ"]', (all) => [...new Set(all.map((a) => /KZ[0-9A-Z]+/.exec(a.href)[0]))]);
  for (const number of parts) {
    for (let i = 0; i < 12 && !actor.page.url().includes(`${number}/check`); i++) {
      if (i === 0) await actor.go(`/applications/${number}/pages/personal`);
      if (/\/documents$/.test(actor.page.url())) for (const key of ['premises', 'qualification']) if (await actor.page.locator(`main a[href$="/documents/${key}"]`).count()) await actor.attach(key, file);
      if (/\/payment$/.test(actor.page.url())) await actor.pay();
      if (/\/payment/.test(actor.page.url())) {
        await actor.go(`/applications/${number}/check`);
        break;
      }
      await actor.fill({ ...personal, ...object, ...clinic });
      await actor.press();
    }
  }
  await actor.go(address);
  return address;
}
