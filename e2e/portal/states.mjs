// Every page of the routers in the states that matter, over applications that were really filed. A page without a state
// fails the run.
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { Run } from '../look.mjs';
import { day, draft, personal, trade } from './actor.mjs';
import { clinic, file, object, restoration, together, Walk } from './walk.mjs';

const script = '<script>document.title="x"</script>';

// kept adds to somebody what the states need of their session.
const kept = (actor) => ({ actor, cookies: async () => (await actor.page.context().cookies()).map(({ name, value }) => ({ name, value })) });

// as opens a window in which the person is logged in; official one of the internal portal.
const as = async (tools, person, representative) => kept(await new Walk(tools, 'kk').applicant(person, representative));
const official = async (tools, login) => kept(await new Walk(tools, 'kk').official(login));

// restore files the restoration of a paper licence; gives the number of the application.
async function restore(actor, person, answers) {
  await actor.go('/services/licence-restoration/order');
  const number = await restoration(actor, { issued_on: '14.09.2011', ...answers });
  if (await actor.signInPage(person) !== 200) throw new Error(`not filed: ${await actor.errors()}`);
  return number;
}

// notify gives a notification; gives the number of its slip.
async function notify(actor, person) {
  await actor.go('/services/sanitary-notification/order?operation=begin');
  await actor.press();
  await actor.fill(personal);
  await actor.press();
  await actor.fill(object);
  await actor.press();
  await actor.fill(object);
  await actor.press();
  await actor.press();
  await actor.press();
  if (await actor.signInPage(person) !== 200) throw new Error(`not filed: ${await actor.errors()}`);
  return /permits\/(KZ[^/?#"]+)/.exec(await actor.page.content())[1];
}

// propose proposes a changed text of the restoration of a paper licence; gives the proposal's id.
function propose(demo, by, from, to) {
  const dir = join(demo.folder, 'licence-restoration'), text = join(dir, 'service.yaml');
  cpSync(join(import.meta.dirname, '..', '..', 'services', 'licence-restoration'), dir, { recursive: true, force: true });
  writeFileSync(text, readFileSync(text, 'utf8').replace(from, to));
  const { status, stdout, stderr } = demo.run('service', 'publish', dir, '--by', by, '--json', '--data', join(demo.folder, 'data'));
  if (status !== 0) throw new Error(stdout + stderr);
  return JSON.parse(stdout).id;
}

// approvals is a process that asks another state body: no service of ours does yet.
const approvals = `process:
  opinions:
    - body: cci
      name: {kk: Байланыс құралдарын келісу, ru: Согласование средств связи, en: Approval of the means of communication}
      silence: consent
`;

// reasons of a withdrawal, each in its language whatever the page's is.
const reasons = { kk: 'Нөмірлер бір жыл бойы іске қосылмаған.', ru: 'Номера не задействованы в течение года.' };

// remark is what an official writes about what is to be corrected.
const remark = { kk: 'Қағаз лицензиядағыдай жазыңыз.', ru: 'Укажите так, как в бумажной лицензии.' };

// messages is what both sides write to each other.
const messages = ['Құжаттың түпнұсқасын қашан көрсетуге болады?'];

// prepare files what the states show: a granted and a refused application, drafts at every step.
async function prepare(tools) {
  const { people } = tools.demo;
  const owner = await as(tools, people.trade), other = await as(tools, people.importer, people.importer.iin);
  const nobody = await as(tools, people.individual), careless = await as(tools, people.proprietor);
  const out = {};
  const filed = async (answers) => {
    const number = await draft(owner.actor, 'sign', { answers, file });
    if (await owner.actor.signInPage(people.trade) !== 200) throw new Error(`not filed: ${await owner.actor.errors()}`);
    return number;
  };
  out.granted = await filed({ end_date: day(20) }); // so soon that what follows it is offered
  out.refused = await filed({ goods_code: '010121' });
  out.fresh = await owner.actor.order('import');
  out.ready = await draft(other.actor, 'sign', { file });
  out.careless = await careless.actor.order('export');
  await careless.actor.fill({ representative_name: script, street_ru: script, street_kk: script, house: script, flat: script, phones: script });
  await careless.actor.press();
  await careless.actor.go(`/applications/${out.careless}/pages/trade`);
  const all = trade('export');
  await careless.actor.fill(Object.fromEntries(Object.entries(all).map(([k, v]) => [k, typeof v !== 'string' || /country|currency|unit|goods/.test(k) ? v : script])));
  await careless.actor.press();
  await owner.actor.go('/permits');
  await owner.actor.page.locator('main a[href*="/kk/permits/KZ"]').first().click();
  await owner.actor.page.waitForURL(/permits\/KZ/);
  out.permit = /permits\/(KZ[^/?#]+)/.exec(owner.actor.page.url())[1];
  out.code = /\/check\/[^/"]+\/([^/"?#]+)/.exec(await owner.actor.page.content())[1];
  out.slip = await notify(owner.actor, people.trade);
  const begin = async (who, service, query = '') => { await who.actor.go(`/services/${service}/order${query}`); await who.actor.press(); return who.actor.number(); };
  out.facility = await begin(owner, 'environmental-permit');
  await owner.actor.go('/permits'); // the demonstration's licence: as it stands, and the one that it replaced
  const licences = (await owner.actor.page.content()).matchAll(/permits\/(KZ\d\dLMD\d{8})/g);
  [out.licence, out.replaced] = [...new Set([...licences].map(([, n]) => n))];
  out.reissue = await begin(owner, 'medical-activity', `?operation=reissue&permit=${out.licence}`);
  const health = await official(tools, 'moh.executor');
  out.held = await restore(owner.actor, people.trade, { series: '15', licence_number: '1112', issued_on: '21.09.2012' });
  out.proposed = await restore(other.actor, people.importer, { licence_number: 'R11001155', issued_on: '20.05.2011' });
  const executor = await official(tools, 'knb.executor'), approver = await official(tools, 'knb.approver');
  const act = async (o, number, name) => { await o.actor.go(`/applications/${number}`); return o.actor.press(name); };
  await act(executor, out.held, 'take');
  // both sides write about an application, whatever the language of the page
  const write = async (o) => { await o.actor.go(`/applications/${out.held}/messages`); await o.actor.page.fill('#f-text', messages[0]); await o.actor.send(o.actor.page.locator('main .buttons button').first()); };
  await write(owner);
  await write(executor);
  await act(executor, out.proposed, 'take');
  await executor.actor.page.locator('main [name=outcome][value=granted]').check();
  await executor.actor.page.locator('main [name=paper]').first().check();
  await executor.actor.press('propose');
  await act(approver, out.proposed, 'take');
  // A former register: a good row, one that may be there twice, and two that are wrong.
  await executor.actor.go('/papers');
  await executor.actor.page.setInputFiles('main input[type=file]', { name: 'tizilim-2009.csv', mimeType: 'text/csv', buffer: Buffer.from(oldRegister(people.trade.bin)) });
  await executor.actor.send(executor.actor.page.locator('main form .buttons button').first());
  out.papers = /\/papers\/[^/?#]+/.exec(executor.actor.page.url())[0];
  // An act with many whose answer never changes: the application was changed since it was seen.
  await executor.actor.go('/applications?view=all');
  const many = { csrf_token: await executor.actor.page.locator('main [name=csrf_token]').first().inputValue(), idempotency_key: 'of-the-states', go: 'give-back', n: `${out.held}.1` };
  const sent = await executor.actor.page.request.post(`${tools.demo.office}/kk/batches`, { form: many, headers: { Origin: tools.demo.office } });
  if (!sent.ok()) throw new Error(`nothing was done with many: ${sent.status()}`);
  out.batch = '/batches/of-the-states';
  out.correcting = await restore(owner.actor, people.trade, { licence_number: '7777' });
  await act(executor, out.correcting, 'take');
  await executor.actor.go(`/applications/${out.correcting}/correction`);
  await executor.actor.page.check('[name="mark.licence_number"]');
  await executor.actor.page.check('[name="mark.document.licence_copy"]');
  await executor.actor.page.evaluate(() => document.querySelectorAll('main details').forEach((e) => { e.open = true; }));
  for (const path of ['licence_number', 'document.licence_copy']) {
    await executor.actor.page.fill(`[name="${path}.kk"]`, remark.kk);
    await executor.actor.page.fill(`[name="${path}.ru"]`, remark.ru);
  }
  await executor.actor.send(executor.actor.page.locator('main .buttons button').last());
  await owner.actor.go(`/applications/${out.correcting}/correction`);
  await owner.actor.page.fill('#f-licence_number', '7778');
  await owner.actor.press('later');
  const publisher = await official(tools, 'mti.publisher');
  await publisher.actor.go(`/proposals/${propose(tools.demo, people.trade.iin, 'process:\n', approvals)}`);
  if (await publisher.actor.press('approve') !== 200) throw new Error('not published');
  out.asked = await restore(careless.actor, people.proprietor, { licence_number: '3333' });
  const asked = await official(tools, 'cci.approver');
  out.proposal = `/{lang}/proposals/${propose(tools.demo, people.trade.iin, '    unconfirmed: true\n', '    working_days: 15\n')}`;
  await publisher.actor.go('/directories/mci');
  for (const [id, value] of Object.entries({ value: '4600', from: '01.01.2027', act_kk: budget.kk, act_ru: budget.ru })) await publisher.actor.page.fill(`#f-${id}`, value);
  await publisher.actor.send(publisher.actor.page.locator('main form:has(#f-value) .buttons button'));
  out.amendment = /\/amendments\/[^/?#]+/.exec(publisher.actor.page.url())[0];
  const author = await official(tools, 'cci.admin');
  await author.actor.go('/templates/new');
  await author.actor.page.selectOption('#f-of', 'letter/refused');
  for (const [id, value] of Object.entries({ name: template.name, text_kk: template.kk, text_ru: template.ru, from: day(3) })) await author.actor.page.fill(`#f-${id}`, value);
  await author.actor.press('propose');
  out.template = /\/templates\/[^/?#]+/.exec(author.actor.page.url())[0];
  const keeper = await official(tools, 'cci.executor'), confirmer = await official(tools, 'cci.approver');
  // order proposes the withdrawal of numbers of the demonstration's only allocated range; gives its address without the language.
  const order = async (from, first, last) => {
    await keeper.actor.go(`/numbering/717-2/${from}`);
    const { page } = keeper.actor;
    await page.fill('#f-first', first);
    await page.fill('#f-last', last);
    await page.selectOption('#f-ground', 'unused');
    await page.fill('#f-reason_kk', reasons.kk);
    await page.fill('#f-reason_ru', reasons.ru);
    await page.fill('#f-until', '31.12.2030');
    await keeper.actor.send(page.locator('main .buttons button').last());
    return /\/numbering\/orders\/[^/?#]+/.exec(page.url())[0];
  };
  out.withdrawn = await order('510000', '510500', '510999');
  await confirmer.actor.go(out.withdrawn);
  await confirmer.actor.press('confirm');
  out.waiting = await order('511000', '511900', '511999');
  // an act with the owner's permit waits for its second person.
  const second = await official(tools, 'mti.approver');
  await publisher.actor.go(`/permits/${out.permit}/propose/annulment`); // its period has not begun: it can only be ended
  await publisher.actor.page.selectOption('#f-ground', { index: 1 });
  await publisher.actor.page.fill('#f-reason_kk', reasons.kk);
  await publisher.actor.page.fill('#f-reason_ru', reasons.ru);
  await publisher.actor.send(publisher.actor.page.locator('main form:has(#f-ground) .buttons button').last());
  out.act = /\/permit-orders\/[^/?#]+/.exec(publisher.actor.page.url())[0];
  out.together = { filed: await together(owner.actor), ready: await together(other.actor) };
  await owner.actor.go(`${out.together.filed}/sign`);
  if (await owner.actor.signInPage(people.trade) !== 200) throw new Error(`not filed together: ${await owner.actor.errors()}`);
  const auditor = await official(tools, 'knb.auditor');
  for (let tries = 0; !out.row && tries < 60; tries++) { // rows get their numbers every 20 seconds
    await auditor.actor.go('/audit');
    out.row = /\/audit\/[0-9a-f-]{36}/.exec(await auditor.actor.page.content())?.[0];
    if (!out.row) await auditor.actor.page.waitForTimeout(1000);
  }
  out.cookies = { auditor: await auditor.cookies(), publisher: await publisher.cookies(), keeper: await keeper.cookies(), second: await second.cookies(), confirmer: await confirmer.cookies(), owner: await owner.cookies(), other: await other.cookies(), nobody: await nobody.cookies(), careless: await careless.cookies(),
    health: await health.cookies(), executor: await executor.cookies(), approver: await approver.cookies(), asked: await asked.cookies(), administrator: await author.cookies() };
  return out;
}

// template is a text that an administrator of the demonstration writes.
const template = { name: 'Бас тарту туралы хат', kk: '{number} өтініші бойынша бас тартылды. Себебі: {link}', ru: 'По заявлению {number} отказано. Причина: {link}' };

// placeholders are the names of values that a template may have.
const placeholders = ['{act}', 'number', 'applicant', 'applicant_number', 'service', 'body', 'date', 'today', 'ground', 'act', 'link', 'until', 'phone'];

// budget is an act that the demonstration's administrator names.
const budget = { kk: '2027 – 2029 жылдарға арналған республикалық бюджет туралы Заң', ru: 'Закон о республиканском бюджете на 2027 – 2029 годы' };

// typed are the words of the demonstration's people and of what they typed: in one language whatever the page's is.
// officials are names, log-ins and keys of departments of the demonstration, and the version of the calendar: no words of a language.
// What stands on the pages of a former register as its file has it, in every language.
const papersTyped = ['tizilim-2009.csv', 'demonstration.csv', 'demonstration', 'csv', 'CSV', 'body', 'kind_kk', 'kind_ru', 'category', 'series', 'number', 'issued', 'valid_to', 'holder', 'holder_number', 'state', 'since', 'until', 'Шифрлеу құралдары', '«Үлгі Сауда» ЖШС', 'xlsx'];

function oldRegister(bin) {
  return `kind_kk,kind_ru,series,number,issued,holder,holder_number,state\nШифрлеу құралдары,Шифрлеу құралдары,21,0101,12.05.2009,«Үлгі Сауда» ЖШС,${bin},\nШифрлеу құралдары,Шифрлеу құралдары,21,0102,12.05.2009,«Үлгі Сауда» ЖШС,${bin},suspended\nШифрлеу құралдары,,21,0101,12.05.2009,«Үлгі Сауда» ЖШС,,\nШифрлеу құралдары,,21,0103,31.02.2009,«Үлгі Сауда» ЖШС,,\n`;
}

const officials = ['Мысалов Дәулет Маратұлы', 'Мысалов', 'Дәулет', 'Маратұлы', 'Үлгіқызы Айгүл Серікқызы', 'Үлгіқызы', 'Айгүл', 'Серікқызы', 'Сынақов Бауыржан Қайратұлы', 'Сынақов', 'Бауыржан', 'Қайратұлы', 'Мысалқызы Динара Ержанқызы', 'Мысалқызы', 'Динара', 'Ержанқызы', 'Үлгібаев Санжар Әлімұлы', 'Үлгібаев', 'Санжар', 'Әлімұлы', 'Сынақбаева Сәуле Нұрқызы', 'Сынақбаева', 'Сәуле', 'Нұрқызы', 'Мысалбеков Ерлан Дәуренұлы', 'Мысалбеков', 'Ерлан', 'Дәуренұлы', 'Үлгісова Камила Оразқызы', 'Үлгісова', 'Камила', 'Оразқызы', 'cci.executor', 'cci.approver', 'cci.south', 'cci.head', 'cci.admin', 'cci.auditor', 'knb.executor', 'knb.approver', 'knb.south', 'knb.head', 'knb.admin', 'knb.auditor', 'mti.publisher', 'south', 'north', 'kz-2027.1', 'kz-2027',
  'Мысалқұлова Гүлсім Болатқызы', 'Мысалқұлова', 'Гүлсім', 'Болатқызы', 'Үлгіқұлов Марат Серікұлы', 'Үлгіқұлов', 'Марат', 'Серікұлы', 'Сынақұлова Ақмарал Ержанқызы', 'Сынақұлова', 'Ақмарал', 'Ержанқызы', 'Мысалқожаев Талғат Әлімұлы', 'Мысалқожаев', 'Талғат', 'Әлімұлы', 'Үлгібаева Шолпан Нұрланқызы', 'Үлгібаева', 'Шолпан', 'Нұрланқызы', 'Сынақжанов Қуаныш Маратұлы', 'Сынақжанов', 'Қуаныш', 'Маратұлы', 'local.executor', 'local.approver', 'menr.executor', 'menr.approver', 'moh.executor', 'moh.approver', 'mti.approver', 'Мысалжанова Гаухар Ерланқызы', 'Мысалжанова', 'Гаухар', 'Ерланқызы'];

// licence is what stands in the demonstration's licence and in the acts with it (internal/demo/licence.go).
const licence = ['«Үлгі Медицина» ЖШС', 'Үлгі Медицина', 'Үлгі емханасы', 'Мысал зертханасы', 'Астана қаласы, Үлгі көшесі, 1', 'Үлгі көшесі, 3', 'Мысал көшесі, 5',
  'Зертханадағы жабдықтың тексеру мерзімі өткен.', 'Истёк срок поверки оборудования лаборатории.', 'Жабдықты тексеру туралы куәлік ұсынылды.', 'Представлено свидетельство о поверке оборудования.'];

const typed = [...licence, ...officials, ...Object.values({ ...object, ...clinic }).filter((v) => typeof v === 'string'), '«Үлгі» емханасы', ...['Үй-жайға құқықты растайтын құжат', 'Өзгерісті растайтын құжат', 'Біліктілік талаптарына сәйкестік туралы мәліметтер нысаны'].flatMap((name) => [`${name}.pdf`, name]), ...Object.values(reasons), ...Object.values(remark), ...messages, ...Object.values(trade('import')), ...Object.values(trade('export')), 'Үлгі Сауда', 'ЖШС', 'Мысал Импорт', 'Үлгібаев', 'Ерлан', 'Маратұлы', 'Мысалбаева', 'Дана', 'Қайратқызы',
  'Үлгіленов', 'Санжар', 'Асқарұлы', 'Мысалова', 'Айгүл', 'Серікқызы', 'Сынақов', 'Тимур', 'Болатұлы', 'Сынақбаева', 'Әсел', 'Нұрланқызы', 'Мысалиева', 'Жанар', 'Бекқызы', 'Үлгіманов', 'Нұрлан', 'Сапарұлы', 'Үлгібекова', 'Гүлнар', 'Асқарқызы', 'Сынақбеков', 'Арман', 'Ерболұлы', 'Сынақова', 'Мадина', 'Талғатқызы', 'Сынақбаев', 'Дәурен', 'R11001155', 'R11001156', 'ҮЛГІ БАЙЛАНЫС', 'ҮЛГІ', 'Лицензияның көшірмесі', 'Белгіленген үлгідегі өтініш', 'Өтініш беруші жарғысының көшірмесі (салыстырып тексеру үшін түпнұсқасы ұсынылмаған жағдайда нотариат куәландырған)', 'Заңды тұлғаны мемлекеттік тіркеу (қайта тіркеу) туралы анықтама', 'Шифрлеу құралдарымен байланысты қызметтер', 'Үлгі', 'Улги', 'көшесі', 'улица', script,
  file.name, 'Жібек жолы көшесі', 'улица Жибек жолы', 'Астана қаласы', 'Қаз', 'Рус', 'Русский', 'Әділет', 'Қонаев Қ.Ә.', 'Қонаев Г.А.', 'г. Қонаев', 'mysal@', 'primer@', 'мысал@', 'ә, ғ, қ, ң, ө, ұ, ү, һ, і', 'Сыртқы сауда шартының (келісімшарттың), оған қосымшалардың және (немесе) толықтырулардың көшірмесі',
  'Копия внешнеторгового договора (контракта), приложений и (или) дополнений к нему'].filter((s) => typeof s === 'string');


// numbered gives a document number its check digits (ISO 7064, MOD 97-10).
function numbered(code, digits) {
  const inDigits = [...code + digits + 'KZ00'].map((c) => parseInt(c, 36)).join('');
  return `KZ${String(98n - BigInt(inDigits) % 97n).padStart(2, '0')}${code}${digits}`;
}

function list(d, demo) {
  const at = (number, rest = '') => `/{lang}/applications/${number}${rest}`;
  const next = { press: 'main .buttons button[name=go][value=next]' };
  const submit = { press: 'main form .buttons button' };
  const org = d.cookies.owner, importer = d.cookies.other, person = d.cookies.nobody, keeper = d.cookies.keeper, second = d.cookies.second, confirmer = d.cookies.confirmer, careless = d.cookies.careless, executor = d.cookies.executor, approver = d.cookies.approver, publisher = d.cookies.publisher, administrator = d.cookies.administrator;
  const asked = d.cookies.asked, auditor = d.cookies.auditor, question = `${demo.office}/{lang}/opinions/${d.asked}`;
  const state = (page, name, path, more = {}) => ({ page, name, path, ...more });
  const wrong = { errors: true, status: 422 };
  return [
    state('home', 'home', '/{lang}/', { extra: true }), state('home', 'home-known', '/{lang}/', { cookies: org }),
    state('bodies', 'bodies', '/{lang}/bodies'), state('sphere', 'sphere', '/{lang}/spheres/export-import'), state('body', 'body', '/{lang}/bodies/mti'),
    state('search', 'search', '/{lang}/search?q=%D0%BB%D0%B8%D1%86%D0%B5%D0%BD%D0%B7'), state('search', 'search-nothing', '/{lang}/search?q=qqqqqq', { typed: ['qqqqqq'] }),
    state('service-revision', 'service-revision', '/{lang}/services/trade-licence/revisions/1'),
    state('service', 'service', '/{lang}/services/trade-licence', { extra: true }), state('service', 'service-planned', '/{lang}/services/advocacy'),
    state('ask', 'ask', '/{lang}/services/trade-licence/check'),
    state('ask', 'ask-answer', '/{lang}/services/trade-licence/check?who=individual&subtype=export&day=20.03.2026'),
    state('ask', 'ask-planned', '/{lang}/services/advocacy/check?who=individual'),
    state('ask', 'ask-errors', '/{lang}/services/trade-licence/check?who=&day=x', wrong),
    state('statistics', 'statistics', '/{lang}/statistics'),
    state('guide', 'guide', '/{lang}/guide'),
    state('login', 'login', '/{lang}/login'),
    state('login', 'login-errors', '/{lang}/login', { ...wrong, steps: [{ fill: ['#f-number', '123'] }, submit] }),
    state('login-certificate', 'login-certificate', '/{lang}/login/certificate'),
    state('sign-phone', 'sign-phone', at(d.ready, '/sign'), { cookies: importer, steps: [{ press: 'main a[href*="/phone"]' }] }),
    state('login-certificate', 'login-certificate-errors', '/{lang}/login/certificate', { ...wrong, steps: [{ fill: ['main textarea[name=cms]', 'MIIB'] }, { press: 'main form:has(textarea) button[type=submit]' }] }),
    state('register', 'register', '/{lang}/register'),
    state('register', 'register-errors', '/{lang}/register', { ...wrong, steps: [{ fill: ['#f-number', '900514400000'] }, { fill: ['#f-email', 'x'] }, submit] }),
    state('register-sign', 'register-sign', '/{lang}/register', { steps: [{ fill: ['#f-number', demo.people.individual.iin] }, { fill: ['#f-email', 'mysalova@example.kz'] },
      { fill: ['#f-phone', '+7 701 000 00 01'] }, { fill: ['#f-password', 'Жаңа-Құпиясөз-2026'] }, submit] }),
    state('recover', 'recover', '/{lang}/recover'),
    state('recover-sign', 'recover-sign', '/{lang}/recover', { steps: [{ fill: ['#f-number', demo.people.individual.iin] }, { fill: ['#f-password', 'Жаңа-Құпиясөз-2026'] }, submit] }),
    state('profile', 'profile', '/{lang}/profile', { cookies: person }),
    state('profile', 'profile-errors', '/{lang}/profile', { cookies: person, ...wrong, steps: [{ fill: ['#f-email', 'x'] }, submit] }),
    state('profile-password', 'profile-password', '/{lang}/profile/password', { cookies: person }),

    state('order', 'order', '/{lang}/services/trade-licence/order', { cookies: person }),
    state('order', 'order-import', '/{lang}/services/trade-licence/order?subtype=import', { cookies: person }),
    state('', 'draft-exists', '/{lang}/services/trade-licence/order?subtype=import', { cookies: org, status: 409, steps: [next] }),
    state('application-page', 'draft-personal', at(d.fresh, '/pages/personal'), { cookies: org }),
    state('application-page', 'draft-trade-empty', at(d.fresh, '/pages/trade'), { cookies: org }),
    state('application-page', 'draft-trade-filled', at(d.ready, '/pages/trade'), { axe: true, cookies: importer, extra: true }),
    state('application-page', 'draft-find', at(d.ready, '/pages/trade?find=goods_code&q=0201'), { cookies: importer }),
    state('application-page', 'draft-personal-errors', at(d.careless, '/pages/personal'), { cookies: careless, ...wrong, lock: 'careless', steps: [next] }),
    state('application-page', 'draft-trade-errors', at(d.careless, '/pages/trade'), { axe: true, cookies: careless, ...wrong, lock: 'careless', steps: [next] }),
    state('application-page', 'draft-stale', at(d.careless, '/pages/personal'), { cookies: careless, status: 409, errors: true, lock: 'careless',
      steps: [{ set: ['main [name=version]', 'another'] }, { fill: ['#f-house_letter', 'Б'] }, next] }),
    state('application-documents', 'documents-none', at(d.fresh, '/documents'), { cookies: org }),
    state('application-documents', 'documents-attached', at(d.ready, '/documents'), { cookies: importer }),
    state('application-documents', 'documents-errors', at(d.fresh, '/documents'), { cookies: org, ...wrong, steps: [next] }),
    state('application-document', 'document', at(d.ready, '/documents/contract'), { cookies: importer }),
    state('application-document', 'document-errors', at(d.ready, '/documents/contract'), { cookies: importer, ...wrong, pattern: '/documents/contract/upload$', steps: [{ press: '#upload button[type=submit]' }] }),
    state('application-payment', 'payment', at(d.fresh, '/payment'), { cookies: org }),
    state('application-payment', 'payment-paid', at(d.ready, '/payment'), { cookies: importer }),
    state('application-payment-return', 'payment-return', at(d.ready, '/payment/return'), { cookies: importer }),
    state('application-payment-return', 'payment-return-waiting', at(d.fresh, '/payment/return'), { cookies: org }),
    state('application-check', 'check-answers', at(d.ready, '/check'), { axe: true, cookies: importer }),
    state('application-check', 'check-answers-problems', at(d.careless, '/check'), { cookies: careless }),
    state('application-sign', 'sign', at(d.ready, '/sign'), { cookies: importer }),
    state('application-sign', 'sign-errors', at(d.ready, '/sign'), { cookies: importer, ...wrong, steps: [{ fill: ['main textarea[name=cms]', 'MIIB'] }, { press: 'main form:has(textarea) button[type=submit]' }] }),
    state('together', 'together', '/{lang}/together/medical-facility'),
    state('bundle', 'bundle-ready', `/{lang}${d.together.ready}`, { cookies: importer }),
    state('bundle', 'bundle-filed', `/{lang}${d.together.filed}`, { cookies: org }),
    state('bundle-sign', 'bundle-sign', `/{lang}${d.together.ready}/sign`, { cookies: importer }),
    state('application', 'application-draft', at(d.fresh), { cookies: org }),
    state('application', 'application-granted', at(d.granted), { cookies: org }),
    state('application', 'application-refused', at(d.refused), { axe: true, cookies: org }),
    state('application-correction', 'application-correction', at(d.correcting, '/correction'), { cookies: org }),
    state('application-correction-sign', 'application-correction-sign', at(d.correcting, '/correction/sign'), { cookies: org }),
    state('application-messages', 'messages-errors', at(d.held, '/messages'), { cookies: org, ...wrong, steps: [{ press: 'main .buttons button' }] }),
    state('application-withdraw', 'messages-withdraw', at(d.held, '/withdraw'), { cookies: org }),
    state('notices', 'messages-notices', '/{lang}/notices', { cookies: org }),
    state('application-delete', 'application-delete', at(d.fresh, '/delete'), { cookies: org }),
    state('documents', 'store', '/{lang}/documents', { cookies: org }), state('documents', 'store-empty', '/{lang}/documents', { cookies: person }),
    state('documents', 'store-errors', '/{lang}/documents', { cookies: person, ...wrong, pattern: '/documents/upload$', steps: [{ press: '#upload button[type=submit]' }] }),

    state('applications', 'applications', '/{lang}/applications', { cookies: org }), state('applications', 'applications-empty', '/{lang}/applications', { cookies: person }),
    state('permits', 'permits', '/{lang}/permits', { cookies: org }), state('permits', 'permits-empty', '/{lang}/permits', { cookies: person }),
    state('notifications', 'notifications', '/{lang}/notifications', { cookies: org }),
    state('permit', 'permit-slip', `/{lang}/permits/${d.slip}`, { cookies: org }),
    state('check-number', 'check-slip', `/{lang}/check/${d.slip}`),
    state('application-page', 'draft-rows', at(d.facility, '/pages/impact'), { axe: true, cookies: org }),
    state('permit', 'permit', `/{lang}/permits/${d.permit}`, { axe: true, cookies: org, extra: true }),
    state('permit', 'permit-history', `/{lang}/permits/${d.replaced}`, { cookies: org }),
    state('permit', 'permit-licence', `/{lang}/permits/${d.licence}`, { cookies: org }),
    state('order', 'order-appendix', '/{lang}/services/medical-activity/order?operation=appendix', { cookies: org }),
    state('order', 'order-succession', '/{lang}/services/medical-activity/order?operation=succession', { cookies: org, ...wrong, steps: [{ fill: ['#f-permit', 'KZ17LMD00000012'] }, { press: 'main form .buttons button' }] }),
    state('application-page', 'draft-reissue', at(d.reissue, '/pages/holder'), { cookies: org }),
    state('check', 'check', '/{lang}/check', { extra: true }),
    state('check-number', 'check-number', `/{lang}/check/${d.permit}`),
    state('check-number', 'check-number-wrong', '/{lang}/check/KZ19LTL99999999', { errors: true, status: 404 }),
    state('check-number', 'check-number-unknown', `/{lang}/check/${numbered('LTL', '99999999')}`, { errors: true, status: 404 }),
    state('check-code', 'check-code', `/{lang}/check/${d.permit}/${d.code}`, { sameTitle: 'check-number' }),

    state('', 'error-404', '/{lang}/nothing', { status: 404 }),
    state('', 'error-404-another', at(d.granted), { cookies: person, status: 404, sameTitle: 'error-404' }),
    state('', 'error-403', '/{lang}/login', { status: 403, steps: [{ set: ['main form [name=csrf_token]', 'x'] }, submit] }),
    state('numbering', 'numbering', '/{lang}/numbering'), state('numbering-code', 'numbering-code', '/{lang}/numbering/717-2', { axe: true }),
    state('order', 'order-licensor', '/{lang}/services/licence-restoration/order', { cookies: org }),
    state('application', 'application-registered', at(d.held), { cookies: org }),

    state('office-login', 'office-login', `${demo.office}/{lang}/login`),
    state('office-login', 'office-login-errors', `${demo.office}/{lang}/login`, { ...wrong, steps: [{ fill: ['#f-login', 'x'] }, { press: 'main form:has(#f-login) .buttons button' }] }),
    state('office-certificate', 'office-certificate', `${demo.office}/{lang}/login/certificate`),
    state('office-me', 'office-me-errors', `${demo.office}/{lang}/me`, { cookies: executor, ...wrong, steps: [{ press: 'main .buttons button[name=go][value=absence]' }] }),
    state('office-people', 'office-people', `${demo.office}/{lang}/people`, { cookies: administrator }),
    state('office-people-form', 'office-people-form', `${demo.office}/{lang}/people/officials/-`, { cookies: administrator }),
    state('office-password', 'office-password', `${demo.office}/{lang}/password`, { cookies: executor }),
    state('office-queue', 'office-queue', `${demo.office}/{lang}/applications`, { axe: true, cookies: executor }),
    state('office-queue', 'office-queue-nothing', `${demo.office}/{lang}/applications?number=qqqqqq`, { cookies: executor }),
    state('office-search', 'office-search-errors', `${demo.office}/{lang}/applications/search`, { cookies: executor, ...wrong, steps: [{ fill: ['#f-find', 'ab'] }, { press: 'main .buttons button' }] }),
    state('office-search', 'office-search', `${demo.office}/{lang}/applications/search`, { cookies: executor, steps: [{ fill: ['#f-find', d.held] }, { press: 'main .buttons button' }] }),
    state('office-batch', 'office-batch', `${demo.office}/{lang}${d.batch}`, { cookies: executor }),
    state('office-exports', 'office-exports', `${demo.office}/{lang}/exports`, { cookies: executor }),
    state('office-case', 'office-case-held', `${demo.office}${at(d.held)}`, { axe: true, cookies: executor, sameTitle: 'application-registered' }),
    state('office-case', 'office-case-errors', `${demo.office}${at(d.held)}`, { cookies: executor, ...wrong, steps: [{ press: 'main .buttons button[name=go][value=propose]' }] }),
    state('office-correction', 'office-correction-errors', `${demo.office}${at(d.held, '/correction')}`, { axe: true, cookies: executor, ...wrong, steps: [submit] }),
    state('office-messages', 'office-messages', `${demo.office}${at(d.held, '/messages')}`, { cookies: executor, sameTitle: 'messages-errors' }),
    state('office-proposals', 'office-proposals', `${demo.office}/{lang}/proposals`, { cookies: publisher }),
    state('office-proposal', 'office-proposal', `${demo.office}${d.proposal}`, { cookies: publisher }),
    state('office-proposal', 'office-proposal-errors', `${demo.office}${d.proposal}`, { cookies: publisher, ...wrong, steps: [{ press: 'main .buttons button[name=go][value=reject]' }] }),
    state('office-case', 'office-case-review', `${demo.office}${at(d.proposed)}`, { axe: true, cookies: approver }),
    state('office-decision', 'office-decision', `${demo.office}${at(d.proposed)}/decision`, { cookies: approver }),
    state('office-decision', 'office-decision-errors', `${demo.office}${at(d.proposed)}/decision`, { cookies: approver, ...wrong, steps: [{ fill: ['main textarea[name=cms]', 'MIIB'] }, { press: 'main form:has(textarea) button[type=submit]' }] }),
    state('office-automatic', 'office-automatic', `${demo.office}/{lang}/automatic`, { cookies: approver }),
    state('office-plan', 'office-plan', `${demo.office}/{lang}/numbering`, { cookies: keeper }),
    state('office-plan', 'office-plan-nothing', `${demo.office}/{lang}/numbering?q=qqqqqq`, { cookies: keeper, typed: ['qqqqqq'] }),
    state('office-plan-code', 'office-plan-code', `${demo.office}/{lang}/numbering/717-2`, { cookies: keeper, extra: true, sameTitle: 'numbering-code' }),
    state('office-plan-range', 'office-plan-range', `${demo.office}/{lang}/numbering/717-2/511000`, { cookies: keeper }),
    state('office-plan-range', 'office-plan-range-errors', `${demo.office}/{lang}/numbering/717-2/510000`, { cookies: keeper, ...wrong, steps: [submit] }),
    state('office-plan-range', 'office-plan-range-early', `${demo.office}/{lang}/numbering/717-2/510500`, { cookies: keeper }),
    state('office-permits', 'office-permits', `${demo.office}/{lang}/permits`, { cookies: publisher }),
    state('office-permit', 'office-permit-history', `${demo.office}/{lang}/permits/${d.replaced}`, { cookies: d.cookies.health }),
    state('office-permit', 'office-permit', `${demo.office}/{lang}/permits/${d.permit}`, { cookies: publisher }),
    state('office-permit-act', 'office-permit-act-errors', `${demo.office}/{lang}/permits/${d.permit}/propose/correction`, { cookies: publisher, ...wrong, steps: [submit] }),
    state('office-permit-order', 'office-permit-order', `${demo.office}/{lang}${d.act}`, { cookies: second }),
    state('office-permit-order-signature', 'office-permit-order-signature', `${demo.office}/{lang}${d.act}/signature`, { cookies: second }),
    state('office-number-order', 'office-number-order', `${demo.office}/{lang}${d.waiting}`, { cookies: confirmer }),
    state('office-number-order', 'office-number-order-done', `${demo.office}/{lang}${d.withdrawn}`, { cookies: keeper }),
    state('office-case', 'office-case-approvals', `${demo.office}${at(d.asked)}`, { axe: true, cookies: executor }),
    state('application-term', 'application-term', at(d.asked, '/term'), { cookies: careless }),
    state('office-term', 'office-term', `${demo.office}${at(d.asked, '/term')}`, { cookies: executor, sameTitle: 'application-term' }),
    state('office-reminders', 'office-reminders-nothing', `${demo.office}/{lang}/reminders`, { cookies: executor }),
    state('office-calendar', 'office-calendar-errors', `${demo.office}/{lang}/calendar?year=2027`, { cookies: publisher, ...wrong, steps: [{ press: 'main .buttons button[name=go][value=change]' }] }),
    state('office-directories', 'office-directories', `${demo.office}/{lang}/directories`, { cookies: publisher }),
    state('office-directory', 'office-directory', `${demo.office}/{lang}/directories/numbering-resource/territory`, { cookies: publisher, typed: ['parent', 'phone', 'code', 'Қонаев', 'Жетісу'] }),
    state('office-directory', 'office-directory-errors', `${demo.office}/{lang}/directories/mci`, { cookies: publisher, ...wrong, steps: [{ press: 'main form:has(#f-value) .buttons button' }] }),
    state('office-templates', 'office-templates', `${demo.office}/{lang}/templates`, { cookies: administrator }),
    state('office-template-form', 'office-template-form-errors', `${demo.office}/{lang}/templates/new`, { cookies: administrator, ...wrong, typed: placeholders, steps: [{ fill: ['#f-text_kk', '{phone} {number}'] }, { press: 'main .buttons button[name=go][value=preview]' }] }),
    state('office-template', 'office-template', `${demo.office}/{lang}${d.template}`, { cookies: administrator, typed: [...placeholders, ...Object.values(template)] }),
    state('office-amendment', 'office-amendment', `${demo.office}/{lang}${d.amendment}`, { cookies: approver, typed: Object.values(budget) }),
    state('office-opinions', 'office-opinions', `${demo.office}/{lang}/opinions`, { cookies: asked }),
    state('office-opinions', 'office-opinions-nothing', `${demo.office}/{lang}/opinions`, { cookies: approver }),
    state('office-opinion', 'office-opinion', question, { cookies: asked }),
    state('office-papers', 'office-papers-errors', `${demo.office}/{lang}/papers`, { cookies: executor, typed: papersTyped, ...wrong, steps: [{ press: 'main form .buttons button' }] }),
    state('office-papers-batch', 'office-papers-batch', `${demo.office}/{lang}${d.papers}`, { cookies: approver, typed: papersTyped }),
    state('office-audit', 'office-audit', `${demo.office}/{lang}/audit`, { cookies: auditor }),
    state('office-audit', 'office-audit-errors', `${demo.office}/{lang}/audit?from=x`, { cookies: auditor, ...wrong }),
    state('office-audit-row', 'office-audit-row', `${demo.office}/{lang}${d.row}`, { cookies: auditor, typed: ['RFC'] }),
    state('office-opinion', 'office-opinion-errors', question, { cookies: asked, ...wrong, steps: [{ press: 'main .buttons button' }] }),
  ].map((s) => ({ ...s, typed: [...typed, ...s.typed ?? []] }));
}

// patternOf turns a route's pattern into the expression that its addresses match.
const patternOf = (path) => '^' + path.replace('{$}', '').replace(/\{[^}]+\.\.\.\}/g, '.+').replace(/\{[^}]+\}/g, '[^/]+') + '$';

export async function pages(tools, shots, only) {
  const { demo, test } = tools;
  let data = null;
  if (!await test('pages: what they show is prepared', async () => { data = await prepare(tools); })) return { passed: 0, failed: 0 };
  const states = list(data, demo), routes = [...demo.pages.portal, ...demo.pages.office];
  for (const { page } of routes) await test(`pages: ${page} has a state`, async () => { if (!states.some((s) => s.page === page)) throw new Error('the router knows the page, e2e/portal/states.mjs does not'); });
  for (const s of states) s.pattern ??= routes.filter((r) => r.page === s.page).map((r) => patternOf(r.path))[0];
  const run = new Run({ browser: tools.browser, base: demo.base, words: true, shots });
  await run.states(states.filter((s) => !only || only.split(',').some((text) => s.name.includes(text))));
  return run;
}
