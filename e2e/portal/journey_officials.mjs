// What officials do with an application, in Kazakh and in Russian, on both services of the manuals: issue, refuse, send for
// correction, ask another body. Each path ends with what both portals show of it and with its document. The plain paths are
// counted: from opening the application to its decision an office has at most six things to press.
import assert from 'node:assert/strict';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { numbering, restoration, Walk } from './walk.mjs';

const most = 6;

// reasons and remarks are written in both languages of the law, whatever the page's language is.
const reasons = { kk: 'Ұсынылған мәліметтер тізіліммен расталмады.', ru: 'Представленные сведения реестром не подтверждены.' };
const remark = { kk: 'Құжаттағыдай жазыңыз.', ru: 'Укажите так, как в документе.' };

// words that both portals show at the end, by the language of the page: the state, the reason, how long a refusal can be appealed.
const words = {
  kk: { issued: 'Берілген', refused: 'Қайтарылды', reason: reasons.kk, appeal: 'үш ай ішінде' },
  ru: { issued: 'Выдано', refused: 'Возвращено', reason: reasons.ru, appeal: 'трёх месяцев' },
};

// examined is a process that asks everything that can be asked: no service of ours does today.
const examined = `process:
  requirements:
    - {key: operator, text: {kk: Өтініш беруші – байланыс операторы, ru: Заявитель – оператор связи, en: The applicant is an operator}, act: {kk: 1-тармақ, ru: Пункт 1, en: Paragraph 1}}
  opinions:
    - body: knb
      name: {kk: Нөмірлерді пайдалануды келісу, ru: Согласование использования номеров, en: Approval of the use of the numbers}
      silence: consent
`;

// Path is one application on its way through the offices; it counts what is pressed.
class Path {
  pressed = 0;

  constructor(walk, number) { Object.assign(this, { walk, number }); }

  // open opens the application from the official's queue. That of the first official begins the count.
  async open(official) {
    const { page } = official, before = this.first;
    this.first ??= official;
    await official.go('/applications?view=all');
    await this.follow(official, `main a[href$="/applications/${this.number}"]`, new RegExp(`/applications/${this.number}$`));
    if (!before) this.pressed = 0;
    await this.walk.shoot(page, 'case');
  }

  async follow(official, selector, address) {
    this.pressed++;
    await official.page.locator(selector).first().click();
    await official.page.waitForURL(address);
  }

  async press(official, button) {
    this.pressed++;
    const status = await official.send(typeof button === 'string' ? official.page.locator(`main .buttons button[name=go][value=${button}]`) : button);
    assert.equal(status, 200, String(await official.errors()));
  }

  // sign signs the decision on the page that is open; the agent proposes the official's key.
  async sign(official) {
    assert.match(official.page.url(), /\/decision$/);
    await this.walk.shoot(official.page, 'decision');
    this.pressed += 2;
    await official.page.click('[data-sign-start]');
    await official.page.locator('#sign-key').waitFor();
    assert.equal(await official.send(official.page.locator('[data-sign-choose]')), 200, String(await official.errors()));
  }

  // decide takes a proposal through the second official, who signs.
  async decide(official) {
    await this.open(official);
    await this.press(official, 'take-on');
    await this.sign(official);
  }

  // counted holds the count against the bound.
  counted() { assert.ok(this.pressed <= most, `${this.pressed} presses from opening ${this.number} to its decision, ${most} are the most`); }
}

// Offices is the journey in one language.
class Offices extends Walk {
  // numbers files an application for numbers; gives its number.
  async numbers(applicant) {
    await applicant.go('/services/numbering-resource/order');
    await numbering(applicant);
    return this.signed(applicant);
  }

  // restore files the restoration of a paper licence; gives the application's number.
  async restore(applicant, licence) {
    await applicant.go('/services/licence-restoration/order');
    await restoration(applicant, licence);
    return this.signed(applicant);
  }

  // refuse fills in a refusal and ends the first step with it.
  async refuse(path, executor, ground) {
    const { page } = executor;
    await page.locator('main [name=outcome][value=refused]').check();
    await page.selectOption('main [name=ground]', ground);
    await page.fill('main [name=reason_kk]', reasons.kk);
    await page.fill('main [name=reason_ru]', reasons.ru);
    await path.press(executor, 'propose');
  }

  // grant proposes the permit.
  async grant(path, executor) {
    await executor.page.locator('main [name=outcome][value=granted]').check();
    const paper = executor.page.locator('main [name=paper]').first();
    if (await paper.count()) await paper.check();
    await path.press(executor, 'propose');
  }

  // isIssued looks at an issued application on both portals, and downloads the permit in both languages of the law.
  async isIssued(path, applicant, official) {
    const { issued } = words[this.lang], { page } = applicant;
    for (const actor of [official, applicant]) {
      await actor.go(`/applications/${path.number}`);
      await this.shoot(actor.page, actor === applicant ? 'issued' : 'issued-office');
      assert.ok((await actor.page.locator('main').innerText()).includes(issued), `${actor.page.url()} does not say "${issued}"`);
    }
    await page.locator(`main a[href*="/${this.lang}/permits/KZ"]`).first().click();
    await page.waitForURL(/permits\/KZ/);
    for (const lang of ['kk', 'ru']) assert.equal((await applicant.download(`main a[href$="/document/${lang}"]`)).subarray(0, 5).toString(), '%PDF-');
  }

  // isRefused looks at a refusal on both portals: its ground with the law, the reason, and how long it can be appealed.
  async isRefused(path, applicant, official, ground) {
    const { refused, reason, appeal } = words[this.lang];
    for (const [actor, wanted] of [[official, [refused, ground, reason]], [applicant, [refused, ground, reason, appeal]]]) {
      await actor.go(`/applications/${path.number}`);
      await this.shoot(actor.page, actor === applicant ? 'refused' : 'refused-office');
      const text = (await actor.page.locator('main').innerText()).replace(/\s+/g, ' ');
      assert.deepEqual(wanted.filter((w) => !text.includes(w)), [], `${actor.page.url()}: ${text.slice(0, 3000)}`);
    }
  }

  // sendBack has one answer corrected; the applicant does so and signs again. Afterwards the case says so.
  async sendBack(path, executor, applicant, field, value) {
    await path.follow(executor, 'main a[href$="/correction"]', /correction$/);
    await executor.page.check(`[name="mark.${field}"]`);
    await executor.page.evaluate(() => document.querySelectorAll('main details').forEach((e) => { e.open = true; }));
    for (const lang of ['kk', 'ru']) await executor.page.fill(`[name="${field}.${lang}"]`, remark[lang]);
    await this.shoot(executor.page, 'correction-office');
    await path.press(executor, executor.page.locator('main .buttons button').last());
    await applicant.go(`/applications/${path.number}/correction`);
    assert.ok((await applicant.page.locator('main').innerText()).includes(remark[this.lang]));
    await this.shoot(applicant.page, 'correction');
    await applicant.page.fill(`#f-${field}`, value);
    assert.equal(await applicant.press('sign'), 200, String(await applicant.errors()));
    assert.match(applicant.page.url(), /correction\/sign/);
    await this.signed(applicant);
    await path.open(executor);
    assert.ok((await executor.page.locator('main').innerText()).includes(value), 'the corrected answer');
  }

  // publish makes the numbering resource a service that examines everything.
  async publish() {
    const { demo } = this, dir = join(demo.folder, 'numbering-resource'), text = join(dir, 'service.yaml');
    cpSync(join(import.meta.dirname, '..', '..', 'services', 'numbering-resource'), dir, { recursive: true });
    writeFileSync(text, readFileSync(text, 'utf8').replace('process:\n', examined));
    const { status, stdout, stderr } = demo.run('service', 'publish', dir, '--by', demo.people.trade.iin, '--json', '--data', join(demo.folder, 'data'));
    assert.equal(status, 0, stdout + stderr);
    const publisher = await this.official('mti.publisher');
    await publisher.go(`/proposals/${JSON.parse(stdout).id}`);
    assert.equal(await publisher.press('approve'), 200, String(await publisher.errors()));
    await publisher.page.context().close();
  }
}

// grounds of refusals, as the services have them.
const grounds = {
  no_free_numbers: { kk: 'бос нөмірлеу ресурсы жеткіліксіз', ru: 'Свободного ресурса нумерации' },
  not_in_register: { kk: 'қағаз лицензиялар тізілімінде табылмады', ru: 'не найдена в реестре бумажных лицензий' },
};

// ofNumbers are the plain paths of the numbering resource.
async function ofNumbers({ walk, step, applicant, cci: { executor, approver } }) {
  await step('numbers are issued', async () => {
    const path = new Path(walk, await walk.numbers(applicant));
    await path.open(executor);
    await path.press(executor, 'take-on');
    await walk.shoot(executor.page, 'proposal');
    await walk.grant(path, executor);
    await path.decide(approver);
    path.counted();
    await walk.isIssued(path, applicant, approver);
  });
  await step('numbers are refused', async () => {
    const path = new Path(walk, await walk.numbers(applicant));
    await path.open(executor);
    await path.press(executor, 'take');
    await walk.refuse(path, executor, 'no_free_numbers');
    await path.decide(approver);
    path.counted();
    await walk.isRefused(path, applicant, approver, grounds.no_free_numbers[walk.lang]);
  });
}

// ofPaper are the paths of the restoration: issued, and refused after a correction.
async function ofPaper({ walk, step, applicant, licence, knb: { executor, approver } }) {
  await step('a paper licence is restored', async () => {
    const path = new Path(walk, await walk.restore(applicant, licence));
    await path.open(executor);
    await path.press(executor, 'take');
    await walk.shoot(executor.page, 'proposal');
    await walk.grant(path, executor);
    await path.decide(approver);
    path.counted();
    await walk.isIssued(path, applicant, approver);
  });
  await step('a restoration is corrected, and refused', async () => {
    const path = new Path(walk, await walk.restore(applicant, { licence_number: '7777', issued_on: '14.09.2011' }));
    await path.open(executor);
    await path.press(executor, 'take');
    await walk.sendBack(path, executor, applicant, 'licence_number', '7778');
    path.pressed = 0;
    await walk.refuse(path, executor, 'not_in_register');
    await path.decide(approver);
    path.counted();
    await walk.isRefused(path, applicant, approver, grounds.not_in_register[walk.lang]);
  });
}

// ofExamined is the long path: complete, corrected, every requirement answered, approved by another body, issued.
async function ofExamined({ walk, step, applicant, cci: { executor, approver }, knb: { approver: asked } }) {
  await step('numbers are examined, corrected, approved by another body, and issued', async () => {
    const path = new Path(walk, await walk.numbers(applicant));
    await path.open(executor);
    await path.press(executor, 'take-on');
    if (await executor.page.locator('main button[value=complete]').count()) await path.press(executor, 'complete');
    await walk.sendBack(path, executor, applicant, 'house', '77/1');
    await executor.page.locator('main [name="met.operator"][value=yes]').check();
    await path.press(executor, 'examine');
    await executor.page.locator('main [name=outcome][value=granted]').check();
    assert.equal(await executor.press('propose'), 422, 'granted without the approval of the other body');
    await asked.go('/opinions');
    await path.follow(asked, `main a[href$="/opinions/${path.number}"]`, /opinions\/KZ/);
    await asked.page.locator('main [name=verdict]').first().check();
    await walk.shoot(asked.page, 'opinion');
    await path.press(asked, asked.page.locator('main .buttons button').last());
    await path.open(executor);
    await walk.shoot(executor.page, 'examined');
    await walk.grant(path, executor);
    await path.decide(approver);
    await walk.isIssued(path, applicant, approver);
  });
}

// inLanguage opens the windows of the journey in one language. Each has an organisation of its own, which may have one draft
// of a service at a time.
async function inLanguage(tools, lang, person, representative, licence) {
  const walk = new Offices(tools, lang);
  const step = (name, run) => { // each by itself: one that fails leaves the others
    walk.step = name.split(' ').slice(0, 3).join('-');
    return tools.test(`officials in ${lang}: ${name}`, run);
  };
  const desk = async (body) => ({ executor: await walk.official(`${body}.executor`), approver: await walk.official(`${body}.approver`) });
  return { walk, step, licence, applicant: await walk.applicant(person, representative), cci: await desk('cci'), knb: await desk('knb') };
}

export async function journey(tools) {
  const { trade, importer } = tools.demo.people, walks = [];
  const of = { kk: [trade, '', { series: '15', licence_number: '1113', issued_on: '14.03.2013' }], ru: [importer, importer.iin, { licence_number: 'R11001156', issued_on: '20.05.2011' }] };
  for (const lang of tools.langs) walks.push(await inLanguage(tools, lang, ...of[lang]));
  // Both languages at once, a browser waits more than it works; each begins with the service that the other ends with.
  const orders = [(w) => ofNumbers(w).then(() => ofPaper(w)), (w) => ofPaper(w).then(() => ofNumbers(w))];
  await Promise.all(walks.map((w, i) => orders[i](w)));
  await tools.test('officials: a process that asks everything is published', () => walks[0].walk.publish());
  await Promise.all(walks.map(ofExamined));
}
