// The life of a licence, in Kazakh and in Russian: issued by two officials, an appendix, another name, suspended and resumed,
// ended. After each step: what the holder's card, the officials' register, the public check and the command line say of it,
// against what is expected here by hand, and the documents of the step.
import assert from 'node:assert/strict';
import { chain, day, personal } from './actor.mjs';
import { Walk, file, next } from './walk.mjs';

// answers to every page of the licence; the steps change some.
const clinic = {
  ...personal, holder_name: '«Үлгі Емхана» ЖШС', holder_address: 'Астана қаласы, Үлгі көшесі, 1', object_name: 'Үлгі емханасы', object_place: 'Астана', object_address: 'Үлгі көшесі, 3',
  object_right: 'own', 'subkinds.1.kind': 'primary', 'subkinds.1.specialists': '12', truth: true,
};
const branch = { ...clinic, object_name: 'Мысал зертханасы', object_address: 'Мысал көшесі, 5', 'subkinds.1.kind': 'laboratory', 'subkinds.1.specialists': '3' };
const renamed = { reissue_reason: 'name', holder_name: '«Үлгі Медицина» ЖШС', truth: true };

// reasons are written in both languages of the law, whatever the page's language is.
const reasons = { kk: 'Бұзушылық анықталды, құжат № 12.', ru: 'Выявлено нарушение, документ № 12.' };

// words of the states, of what waits for its first day and of what is not known yet.
const words = {
  kk: { valid: 'Қолданыста', suspended: 'Қолданылуы тоқтатыла тұрды', reissued: 'Қайта ресімделді', terminated: 'Қолданылуы тоқтатылды', future: 'әлі басталған жоқ', unknown: 'әлі берілмеген', holds: 'құжат қолданыста' },
  ru: { valid: 'Действительный', suspended: 'Приостановлен', reissued: 'Переоформлен', terminated: 'Действие прекращено', future: 'ещё не начал', unknown: 'ещё не был выдан', holds: 'документ действует' },
};

// long writes a day as the documents do: 2026 жылғы 29 қараша, 29 ноября 2026 г.
const months = { kk: ['қаңтар', 'ақпан', 'наурыз', 'сәуір', 'мамыр', 'маусым', 'шілде', 'тамыз', 'қыркүйек', 'қазан', 'қараша', 'желтоқсан'],
  ru: ['января', 'февраля', 'марта', 'апреля', 'мая', 'июня', 'июля', 'августа', 'сентября', 'октября', 'ноября', 'декабря'] };
function long(lang, offset) {
  const [d, m, y] = day(offset).split('.').map(Number);
  return lang === 'kk' ? `${y} жылғы ${d} ${months.kk[m - 1]}` : `${d} ${months.ru[m - 1]} ${y} г.`;
}
const iso = (offset) => day(offset).split('.').reverse().join('-');

// Life is one licence on its way through the offices.
class Life extends Walk {
  // wizard goes from page to page of a draft to its signature, and signs; gives the application's number.
  async wizard(applicant, answers, documents = []) {
    const { page } = applicant, number = applicant.number(), visited = new Set();
    for (let path = ''; !/\/sign$/.test(path); path = new URL(page.url()).pathname) {
      path = new URL(page.url()).pathname;
      assert.ok(!visited.has(path), `${path} comes twice: ${await applicant.errors()}`);
      visited.add(path);
      await this.shoot(page, path.split('/').at(-1));
      if (/\/pages\//.test(path)) {
        const add = page.locator('main .field:not(:has(fieldset.group)) > * button[name=row][value^="add:"], main .field:not(:has(fieldset.group)) > button[name=row][value^="add:"]');
        if (await add.count()) await applicant.send(add); // a form may begin without rows
        await applicant.fill(answers);
      }
      if (/\/documents$/.test(path)) for (const key of documents) assert.equal(await applicant.attach(key, file), 200);
      if (/\/payment$/.test(path)) {
        await applicant.pay();
        await applicant.go(`/applications/${number}/check`);
      } else await next(applicant);
    }
    return this.signed(applicant);
  }

  // ask orders an operation from the card of a permit.
  async ask(applicant, permit, operation, answers, documents) {
    await applicant.go(`/permits/${permit}`);
    await applicant.page.locator(`main a[href*="operation=${operation}"]`).click();
    await next(applicant);
    return this.wizard(applicant, answers, documents);
  }

  // decide lets the officials grant an application: one examines what is required and proposes, the other signs.
  async decide({ executor, approver }, number) {
    await executor.go(`/applications/${number}`);
    assert.equal(await executor.press('take'), 200, String(await executor.errors()));
    for (const name of new Set(await executor.page.$$eval('main [name^="met."][value=yes]', (all) => all.map((e) => e.name)))) await executor.page.check(`main [name="${name}"][value=yes]`);
    if (await executor.page.locator('main button[value=examine]').count()) assert.equal(await executor.press('examine'), 200, String(await executor.errors()));
    await executor.page.locator('main [name=outcome][value=granted]').check();
    assert.equal(await executor.press('propose'), 200, String(await executor.errors()));
    await approver.go(`/applications/${number}`);
    await this.shoot(approver.page, 'case');
    assert.equal(await approver.press('take-on'), 200, String(await approver.errors()));
    await this.sign(approver);
  }

  // sign signs what the official's page shows.
  async sign(official) {
    await this.shoot(official.page, 'signature');
    await official.page.click('[data-sign-start]');
    await official.page.locator('#sign-key').waitFor();
    assert.equal(await official.send(official.page.locator('[data-sign-choose]')), 200, String(await official.errors()));
  }

  // act lets one official propose an act and another sign it; gives its address.
  async act({ executor, approver }, permit, kind, ground, until = '') {
    await executor.go(`/permits/${permit}`);
    await executor.page.locator(`main a[href$="/propose/${kind}"]`).click();
    await executor.page.selectOption('#f-ground', ground);
    if (until) await executor.page.fill('#f-to', until);
    for (const lang of ['kk', 'ru']) await executor.page.fill(`#f-reason_${lang}`, reasons[lang]);
    await this.shoot(executor.page, 'propose');
    assert.equal(await executor.send(executor.page.locator('main form:has(#f-ground) .buttons button').last()), 200, String(await executor.errors()));
    await this.shoot(executor.page, 'proposed');
    await approver.page.goto(executor.page.url());
    await approver.page.locator('main .buttons a[href$="/signature"]').click();
    await approver.page.waitForURL(/signature$/);
    await this.sign(approver);
    await this.shoot(approver.page, 'confirmed');
  }

  // says demands words of a page, in any white space.
  async says(page, wanted) {
    const text = (await page.locator('main').innerText()).replace(/\s+/g, ' ');
    assert.deepEqual(wanted.filter((w) => !text.includes(w)), [], `${page.url()}: ${text.slice(0, 3000)}`);
  }

  // pdfs downloads what the links of a page lead to: each is a PDF. Gives how many there are.
  async pdfs(actor, selector, least) {
    const links = await actor.page.$$eval(selector, (all) => all.map((e) => e.href));
    assert.ok(links.length >= least, `${links.length} documents ${selector} on ${actor.page.url()}, at least ${least} were expected`);
    for (const href of links) {
      const answer = await actor.page.context().request.get(href);
      assert.equal(answer.status(), 200, href);
      assert.equal((await answer.body()).subarray(0, 5).toString(), '%PDF-', href);
    }
  }

  // stands looks at the permit on every side: the holder's card, the officials' card and register, the public check.
  // acts is how many acts are known, orders which of them have a document of their own.
  async stands(applicant, { executor }, permit, { state, texts = [], acts, orders = [], appendices = 0 }) {
    const said = [words[this.lang][state], ...texts];
    for (const actor of [applicant, executor]) {
      await actor.go(`/permits/${permit}`);
      await this.shoot(actor.page, actor === applicant ? 'card' : 'card-office');
      await this.says(actor.page, said);
      assert.equal(await actor.page.locator('main details:has(summary:text("№"))').count(), acts, `acts on ${actor.page.url()}`);
      await this.pdfs(actor, `main a[href*="/permits/${permit}/document/"]`, 3);
      for (const seq of orders) await this.pdfs(actor, `main a[href*="/acts/${seq}/document/"]`, 3);
      if (appendices) await this.pdfs(actor, 'main a[href*="/appendices/"]', 3 * appendices);
    }
    await executor.go(`/permits?number=${permit.slice(-8)}&state=${state}`);
    await this.shoot(executor.page, 'register');
    await this.says(executor.page, [permit, words[this.lang][state]]);
    await this.public(applicant, permit, words[this.lang][state], appendices);
  }

  // public looks at what anybody is told, by the number alone and with the code of the document.
  async public(applicant, permit, state, appendices) {
    const { page } = applicant;
    await applicant.go(`/permits/${permit}`);
    const code = await page.locator(`main a[href*="/check/${permit}/"]`).first().getAttribute('href');
    for (const path of [this.link(`/check/${permit}`), code]) {
      await page.goto(path);
      await this.shoot(page, path === code ? 'public-code' : 'public');
      await this.says(page, [state]);
    }
    await this.pdfs(applicant, 'main a[href*="/document/"]', 3 + 3 * appendices);
  }

  link(path) { return `/${this.lang}${path}`; }

  // asked puts the question what held on a day as it was known on another, on every side and to the command line; the answers
  // are those expected here: [day, known, words of the answer, answer of the command].
  async asked(applicant, { executor }, permit, expected) {
    for (const [on, known, texts, answer] of expected) {
      const query = `?on=${day(on)}&known=${day(known)}`;
      for (const [actor, path] of [[applicant, `/permits/${permit}`], [executor, `/permits/${permit}`], [applicant, `/check/${permit}`]]) {
        await actor.go(path + query);
        await this.shoot(actor.page, `asked${path.startsWith('/check') ? '-check' : actor === applicant ? '' : '-office'}${known < 0 ? '-unknown' : on < 0 ? '-before' : ''}`);
        const said = (await actor.page.locator('main .banner').allInnerTexts()).join('\n').replace(/\s+/g, ' ');
        assert.deepEqual(texts.filter((t) => !said.includes(t)), [], `${path}${query}: ${said}`);
      }
      const { status, stdout, stderr } = this.demo.run('permit', permit, '--on', iso(on), '--known', iso(known), '--json', '--data', `${this.demo.folder}/data`);
      assert.equal(status, 0, stdout + stderr);
      const got = JSON.parse(stdout);
      for (const [name, value] of Object.entries(answer)) assert.equal(got[name] ?? '', value, `elicense permit ${permit} --on ${iso(on)} --known ${iso(known)}: ${name} in ${stdout}`);
    }
  }

  // permitOf is the permit that a granted application of the holder led to, beside the one that it concerned.
  async permitOf(applicant, application, concerned) {
    await applicant.go(`/applications/${application}`);
    await this.shoot(applicant.page, 'granted');
    const numbers = await applicant.page.$$eval('main a[href*="/permits/KZ"]', (all) => all.map((e) => /permits\/(KZ\w+)/.exec(e.href)[1]));
    return numbers.find((n) => n !== concerned);
  }
}

// born are the steps that bring content: the licence with its first appendix, another one, another name.
async function born(life, step, applicant, officials) {
  const { lang } = life, out = {};
  await step('issue', async () => {
    await applicant.go('/services/medical-activity/order?operation=issue');
    await applicant.set('body', 'moh');
    await next(applicant);
    const number = await life.wizard(applicant, clinic, ['premises', 'qualification']);
    await life.decide(officials, number);
    out.first = await life.permitOf(applicant, number);
    await life.stands(applicant, officials, out.first, { state: 'valid', acts: 1, appendices: 1 });
    await life.asked(applicant, officials, out.first, [
      [0, 0, [long(lang, 0), words[lang].holds], { state: 'valid' }],
      [0, -1, [long(lang, -1), words[lang].unknown], { issued: false, state: '' }],
      [-1, 0, [long(lang, -1), words[lang].future], { state: 'future' }],
    ]);
  });
  await step('appendix', async () => {
    await life.decide(officials, await life.ask(applicant, out.first, 'appendix', branch, ['premises', 'qualification']));
    await life.stands(applicant, officials, out.first, { state: 'valid', texts: ['№ 002'], acts: 2, appendices: 2 });
  });
  await step('reissue', async () => {
    const number = await life.ask(applicant, out.first, 'reissue', renamed, ['change_proof']);
    await life.decide(officials, number);
    out.next = await life.permitOf(applicant, number, out.first);
    assert.ok(out.next, 'a new number');
    await life.stands(applicant, officials, out.first, { state: 'reissued', texts: [out.next], acts: 3, appendices: 2 });
    await life.stands(applicant, officials, out.next, { state: 'valid', texts: [out.first, day(0), renamed.holder_name], acts: 2, appendices: 2 });
    await life.asked(applicant, officials, out.first, [[0, 0, [out.next], { state: 'reissued', since: iso(0) }]]);
  });
  return out;
}

// ended are the acts of officials with the licence that the reissue made.
async function ended(life, step, applicant, officials, of) {
  const { lang } = life, month = 31;
  await step('suspension', async () => {
    await life.act(officials, of.next, 'suspension', 'violation', day(month));
    await life.stands(applicant, officials, of.next, { state: 'suspended', texts: [reasons[lang]], acts: 3, orders: [3], appendices: 2 });
    await applicant.go(`/permits/${of.next}`);
    const offered = await applicant.page.$$eval('main a[href*="operation="]', (all) => all.map((e) => new URL(e.href).searchParams.get('operation')));
    assert.ok(offered.includes('resume') && !offered.includes('suspend') && !offered.includes('appendix'), `offered while suspended: ${offered}`);
    await life.asked(applicant, officials, of.next, [
      [0, 0, [long(lang, 0), long(lang, month)], { state: 'suspended', since: iso(0), until: iso(month) }],
      [month, 0, [long(lang, month)], { state: 'suspended', until: iso(month) }],
      [month + 1, 0, [long(lang, month + 1), words[lang].holds], { state: 'valid' }],
    ]);
  });
  await step('resumption', async () => {
    await life.act(officials, of.next, 'resumption', 'remedied');
    await life.stands(applicant, officials, of.next, { state: 'valid', acts: 4, orders: [3, 4], appendices: 2 });
    await life.asked(applicant, officials, of.next, [[month, 0, [long(lang, month), words[lang].holds], { state: 'valid', until: '' }]]);
  });
  await step('termination', async () => {
    await life.act(officials, of.next, 'termination', 'request');
    await life.stands(applicant, officials, of.next, { state: 'terminated', acts: 5, orders: [3, 4, 5], appendices: 2 });
    await life.asked(applicant, officials, of.next, [[0, 0, [long(lang, 0)], { state: 'terminated', since: iso(0) }], [0, -1, [words[lang].unknown], { issued: false }]]);
    assert.equal(await applicant.page.locator('main a[href*="operation="]').count(), 0, 'nothing is offered for what ended');
  });
}

export async function journey(tools) {
  const { trade, importer } = tools.demo.people;
  const of = { kk: [trade], ru: [importer, importer.iin] };
  for (const lang of tools.langs) {
    const [person, representative] = of[lang];
    const life = new Life(tools, lang, 'permit'), applicant = await life.applicant(person, representative);
    const officials = { executor: await life.official('moh.executor'), approver: await life.official('moh.approver') };
    const one = chain(tools.test, `permit in ${lang}`, applicant.page);
    const step = (name, run) => one(name, () => { life.step = name; return run(); });
    const licence = await born(life, step, applicant, officials);
    await ended(life, step, applicant, officials, licence);
    for (const actor of [applicant, ...Object.values(officials)]) await actor.page.context().close();
  }
}
