// Drives the scripts on the gallery: autosave, the combobox, signing against a stand-in for NCALayer, the session's
// end. The last line is "N passed, N failed".
import assert from 'node:assert/strict';
import { parseArgs } from 'node:util';
import { finish, launch, patiently, within } from './browser.mjs';
import { watch } from './checks.mjs';

const { values: { base } } = parseArgs({ options: { base: { type: 'string' } } });
const browser = await launch();
let passed = 0, failed = 0;

async function test(name, path, run, prepare = async () => {}) {
  const contexts = [];
  const once = async () => {
    const context = await browser.newContext({ baseURL: base, locale: 'en' });
    contexts.push(context);
    const page = await context.newPage();
    const seen = await watch(page);
    await prepare(page);
    if (path) await page.goto(path);
    await run(page);
    assert.deepEqual(seen.filter((f) => f.check === 'csp' || f.check === 'script'), []);
  };
  try {
    await patiently(name, 60, once);
    passed++;
  } catch (e) {
    failed++;
    console.log(`FAIL ${name}: ${e.message}`);
  } finally {
    for (const context of contexts) await within(10, context.close()).catch(() => {}); // the next test has one of its own
  }
}

const shows = (page, selector, text) => page.locator(selector).filter({ hasText: text }).waitFor({ timeout: 20_000 });

// frozen opens a page whose clock only the test moves, from before its scripts begin.
async function frozen(page, path) {
  const begin = new Date('2026-01-01T09:00:00Z').getTime();
  await page.clock.install({ time: begin });
  await page.clock.pauseAt(begin + 1000);
  await page.goto(path);
}

// --- autosave
const saved = '[data-autosave-status]';
async function autosave(name, run) {
  await test(`autosave: ${name}`, null, async (page) => {
    await frozen(page, '/en/form');
    await run(page);
  });
}

// asks gives the saving that comes when the reader has rested; the promise is made before, so that none is missed.
async function asks(page) {
  const asked = page.waitForRequest('**/autosave');
  await Promise.all([asked, page.clock.runFor(1000)]);
}

await autosave('says saved only after the answer, carries the new version, leaves the key alone', async (page) => {
  let release, body;
  const held = new Promise((r) => { release = r; });
  await page.route('**/autosave', async (route) => { body = new URLSearchParams(route.request().postData()); await held; await route.continue(); });
  await page.fill('#f-street', 'Abai');
  await asks(page);
  await shows(page, saved, 'Saving');
  release();
  await shows(page, saved, 'Saved 14:05');
  assert.equal(await page.inputValue('[name=version]'), '8');
  assert.equal(body.get('street'), 'Abai');
  assert.equal(body.get('version'), '7');
  assert.equal(body.has('idempotency_key'), false);
});
await autosave('typing on and on is saved after two seconds, not before', async (page) => {
  let asked = 0;
  await page.route('**/autosave', (route) => { asked++; return route.continue(); });
  const saving = page.waitForResponse('**/autosave');
  for (let typed = 0; typed < 6; typed++) {
    await page.locator('#f-street').press('a');
    await page.clock.runFor(300);
  }
  assert.equal(asked, 0, 'while the reader has typed for less than two seconds');
  await page.locator('#f-street').press('b');
  await Promise.all([saving, page.clock.runFor(300)]);
  assert.equal(asked, 1);
});
await autosave('a failure is said, and tried again by hand', async (page) => {
  await page.fill('#f-street', 'broken');
  await asks(page);
  await shows(page, saved, 'Not saved');
  await page.locator('#f-street').evaluate((e) => { e.value = 'mended'; });
  await page.click(`${saved} button`);
  await shows(page, saved, 'Saved 14:05');
});
await autosave('a conflict stops it and leads to the difference', async (page) => {
  await page.fill('#f-street', 'conflict');
  await asks(page);
  await shows(page, saved, 'Changed elsewhere');
  assert.equal(await page.locator(`${saved} a`).getAttribute('href'), '/en/form');
  let again = false;
  page.on('request', (r) => { again ||= r.url().endsWith('/autosave'); });
  await page.fill('#f-street', 'more');
  await page.clock.runFor(10_000);
  assert.equal(again, false);
});
await autosave('Next waits for the saving under way and carries its version', async (page) => {
  let release;
  const held = new Promise((r) => { release = r; });
  await page.route('**/autosave', async (route) => { await held; await route.continue(); });
  await page.fill('#f-street', 'Abai');
  await asks(page);
  const sent = [];
  page.on('request', (r) => { if (r.method() === 'POST' && !r.url().endsWith('/autosave')) sent.push(new URLSearchParams(r.postData())); });
  await page.click('button[name=go][value=next]:not(.hidden)');
  await page.clock.runFor(4000);
  assert.equal(sent.length, 0, 'sent before the saving was answered');
  const gone = page.waitForRequest((r) => r.method() === 'POST' && !r.url().endsWith('/autosave'));
  release();
  await gone;
  assert.equal(sent[0].get('version'), '8');
  assert.equal(sent[0].get('go'), 'next');
});

// --- combobox
const box = '#f-goods';
await test('combobox: keyboard', '/en/form-errors', async (page) => {
  assert.equal(await page.getAttribute(box, 'role'), 'combobox');
  await page.locator(box).pressSequentially('мясо');
  await page.locator('[role=option]').first().waitFor();
  assert.equal(await page.locator('[role=option]').count(), 2);
  assert.equal(await page.getAttribute(box, 'aria-expanded'), 'true');
  await shows(page, '[data-lookup-status]', '2');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  const active = await page.getAttribute(box, 'aria-activedescendant');
  assert.match(await page.locator(`[id="${active}"]`).innerText(), /замороженное/);
  await page.keyboard.press('Enter');
  assert.equal(await page.inputValue('[name=goods]'), '0202');
  assert.equal(await page.getAttribute(box, 'aria-expanded'), 'false');
  assert.match(page.url(), /form-errors$/, 'Enter on an entry must not send the form');
  await page.locator(box).press('Backspace');
  assert.equal(await page.inputValue('[name=goods]'), '', 'a changed text is no longer that code');
});
await test('combobox: mouse, Escape, and the present choice', '/en/form', async (page) => {
  assert.match(await page.inputValue(box), /^Мясо/);
  assert.equal(await page.inputValue('[name=goods]'), '0201');
  await page.fill(box, '3808');
  await page.locator('[role=option]').first().waitFor();
  await page.keyboard.press('Escape');
  assert.equal(await page.locator('[role=option]').first().isVisible(), false);
  await page.fill(box, '290');
  await page.locator('[role=option]').first().click();
  assert.equal(await page.inputValue('[name=goods]'), '2901');
});
await test('combobox: where the directory fails the Find button is back', '/en/form-errors', async (page) => {
  await page.fill(box, 'x');
  await page.locator('.lookup button').waitFor({ state: 'visible' });
}, (page) => page.route('**/lookup?*', (route) => route.fulfill({ status: 500, body: '' })));

// --- signing
const cms = '-----BEGIN CMS-----\r\n' + 'MIIB'.repeat(40) + '\r\n-----END CMS-----\r\n';
const agent = (replies, asked = []) => (page) => page.routeWebSocket('wss://127.0.0.1:13579/', (socket) => {
  socket.send('{"result":{"version":"1.4"}}');
  socket.onMessage((text) => {
    const question = JSON.parse(text);
    asked.push(question);
    const reply = replies[question.method];
    socket.send('--heartbeat--');
    if (reply === null) socket.close();
    else socket.send(typeof reply === 'string' ? reply : JSON.stringify(reply));
  });
});
const status = '[data-sign-status]', start = '[data-sign-start]';
const absent = { success: false, errorCode: 'MODULE_NOT_FOUND' }, base64 = 'MIIB'.repeat(40);
// permitted answers the page's question about the reader's permission, with one answer after the other.
const permitted = (...states) => (page) => page.addInitScript((list) => {
  navigator.permissions.query = async ({ name }) => {
    if (name !== 'loopback-network') throw new TypeError(name);
    return { state: list.length > 1 ? list.shift() : list[0] };
  };
}, states);
const both = (...prepare) => async (page) => { for (const p of prepare) await p(page); };
for (const [name, result] of [['an array', [cms]], ['one string', cms], ['signatures', { signatures: [cms], certificate: '' }]]) {
  const asked = [];
  await test(`sign: ${name}`, '/en/sign', async (page) => {
    await page.click(start);
    await shows(page, '.banner', 'Signature received');
    const { args } = asked[0];
    assert.deepEqual([asked[0].module, args.format, args.data, args.signingParams.encapsulate, args.signerParams.bin, args.signerParams.chain.length, args.locale],
      ['kz.gov.pki.knca.basics', 'cms', 'eyJ4IjoxfQ==', 'false', '171040000008', 0, 'en']);
  }, agent({ sign: { status: true, body: { result } } }, asked));
}
for (const [name, reply, words] of [
  ['cancelled', { status: true, body: {} }, 'Signing was cancelled'],
  ['an error', { status: false, code: 'SIGNING_FAILURE', message: 'm' }, /could not sign.*press the button again.*SIGNING_FAILURE/],
  ['no code', { status: false }, 'could not be understood'],
  ['not JSON', '<html>', 'could not be understood'],
  ['two signatures', { status: true, body: { result: [cms, cms] } }, 'could not be understood'],
  ['not a signature', { status: true, body: { result: ['<script>'] } }, 'could not be understood'],
  ['broken off', null, /broke the connection.*Nothing was sent.*press the button again/],
]) {
  await test(`sign: ${name}`, '/en/sign', async (page) => {
    await page.click(start);
    await shows(page, status, words);
    assert.equal(await page.locator(start).isVisible(), true);
    assert.equal(await page.inputValue('[name=cms]'), '');
  }, agent({ sign: reply }));
}
// An NCALayer without basics: the former module has other questions and other answers.
for (const [name, replies, words] of [
  ['no module at all', { getActiveTokens: absent }, 'lacks the module'],
  ['cancelled', { getActiveTokens: { code: '200', responseObject: [] }, createCAdESFromBase64: { code: '500', message: 'action.canceled' } }, 'Signing was cancelled'],
  ['an error', { getActiveTokens: { code: '200', responseObject: [] }, createCAdESFromBase64: { code: '500', message: 'java.io.IOException: wrong password' } }, /could not sign.*wrong password/],
  ['not a signature', { getActiveTokens: { code: '200', responseObject: [] }, createCAdESFromBase64: { code: '200', responseObject: '<script>' } }, 'could not be understood'],
  ['strange tokens', { getActiveTokens: { code: '200', responseObject: 'x' } }, 'could not be understood'],
  ['broken off', { getActiveTokens: { code: '200', responseObject: [] }, createCAdESFromBase64: null }, 'broke the connection'],
]) {
  await test(`sign, older NCALayer: ${name}`, '/en/sign', async (page) => {
    await page.click(start);
    await shows(page, status, words);
    assert.equal(await page.locator(start).isVisible(), true);
    assert.equal(await page.inputValue('[name=cms]'), '');
  }, agent({ sign: absent, ...replies }));
}
for (const [name, tokens, storage] of [['keys in files', [], 'PKCS12'], ['a token', ['AKKaztokenStore'], 'AKKaztokenStore']]) {
  const asked = [];
  await test(`sign, older NCALayer: ${name}`, '/en/sign', async (page) => {
    await page.click(start);
    if (tokens.length) {
      await page.locator('#sign-key').waitFor();
      assert.match(await page.locator('label[for=sign-key]').innerText(), /Where the key is kept/);
      assert.deepEqual(await page.locator('#sign-key option').allInnerTexts(), ['A file on the computer', 'AKKaztokenStore']);
      await page.selectOption('#sign-key', storage);
      await page.click('[data-sign-choose]');
    }
    await shows(page, '.banner', 'Signature received');
    assert.deepEqual(asked.map((q) => q.method), ['sign', 'getActiveTokens', 'createCAdESFromBase64']);
    assert.equal(asked[2].module, 'kz.gov.pki.knca.commonUtils');
    assert.deepEqual(asked[2].args, [storage, 'SIGNATURE', 'eyJ4IjoxfQ==', false]);
  }, agent({ sign: absent, getActiveTokens: { code: '200', responseObject: tokens }, createCAdESFromBase64: { code: '200', responseObject: base64 } }, asked));
}
await test('sign: the connection breaks while the reader chooses', '/en/sign?demo=1', async (page) => {
  await page.click(start);
  await shows(page, status, 'broke the connection');
  assert.equal(await page.locator('#sign-key').isVisible(), false);
}, (page) => page.routeWebSocket('wss://127.0.0.1:13579/', (socket) => {
  socket.send('{"result":{"version":"1.4"}}');
  socket.onMessage(() => {
    socket.send(JSON.stringify({ status: true, body: { result: [{ id: 'a', name: 'SAMPLE PERSON', iin: '900101300017', bin: '' }] } }));
    setTimeout(() => socket.close(), 300);
  });
}));

// The browser's permission to reach programs on the reader's own machine.
const closed = (page) => page.routeWebSocket('wss://127.0.0.1:13579/', (socket) => socket.close());
for (const [name, states, words] of [
  ['denied', ['denied'], /does not let this site connect.*address bar.*press the button again/],
  ['denied when asked', ['prompt', 'denied'], 'does not let this site connect'],
  ['left without an answer', ['prompt'], /could not be reached.*left unanswered.*Start NCALayer.*choose “Allow”/],
  ['granted, and nobody listens', ['granted'], 'NCALayer was not found'],
]) {
  await test(`sign, permission: ${name}`, '/en/sign', async (page) => {
    await page.click(start);
    await shows(page, status, words);
    assert.equal(await page.locator(start).isVisible(), true);
  }, both(permitted(...states), closed));
}
let allow;
await test('sign, permission: the page waits for the answer and says what to press', '/en/sign', async (page) => {
  await page.click(start);
  await shows(page, status, /If the browser asks.*choose “Allow”/);
  await page.waitForTimeout(300);
  assert.equal(await page.locator('[data-sign-stop]').isVisible(), true);
  allow();
  await shows(page, '.banner', 'Signature received');
}, both(permitted('prompt'), (page) => page.routeWebSocket('wss://127.0.0.1:13579/', async (socket) => {
  socket.onMessage(() => socket.send(JSON.stringify({ status: true, body: { result: [cms] } })));
  await new Promise((done) => { allow = done; });
  socket.send('{"result":{"version":"1.4"}}');
})));

await test('sign: nobody listens', '/en/sign', async (page) => {
  await page.click(start);
  await shows(page, status, 'NCALayer was not found');
}, both(permitted('granted'), closed));
await test('sign: the reader stops waiting', '/en/sign', async (page) => {
  await page.click(start);
  await shows(page, status, 'Choose your key');
  await page.click('[data-sign-stop]');
  await shows(page, status, 'Signing was cancelled');
}, (page) => page.routeWebSocket('wss://127.0.0.1:13579/', (socket) => socket.send('{"result":{"version":"1.4"}}')));
const chosen = [];
await test('sign: the demonstration offers its keys', '/en/sign?demo=1', async (page) => {
  await page.click(start);
  await page.locator('#sign-key').waitFor();
  assert.equal(await page.inputValue('#sign-key'), 'b', 'the key of this organisation is offered first');
  await page.selectOption('#sign-key', 'a');
  await page.click('[data-sign-choose]');
  await shows(page, '.banner', 'Signature received');
  assert.deepEqual(chosen.map((q) => q.method), ['keys', 'choose', 'sign']);
  assert.deepEqual(chosen[1].args, { id: 'a' });
}, agent({
  keys: { status: true, body: { result: [{ id: 'a', name: 'SAMPLE PERSON', iin: '900101300017', bin: '' }, { id: 'b', name: 'SAMPLE DIRECTOR', iin: '900101300017', bin: '171040000008' }] } },
  choose: { status: true, body: {} }, sign: { status: true, body: { result: [cms] } },
}, chosen));

// --- session
const warning = '#session-warning';
await test('session: warned, prolonged by keyboard, warned again only later', null, async (page) => {
  await frozen(page, '/en/form');
  await page.clock.fastForward((1800 - 301) * 1000);
  assert.equal(await page.locator(warning).isVisible(), false);
  await page.clock.runFor(3000);
  await shows(page, warning, 'ends in 5 min');
  await page.keyboard.press('Enter');
  await page.locator(warning).waitFor({ state: 'hidden' });
  await page.clock.runFor(60000);
  assert.equal(await page.locator(warning).isVisible(), false);
});
await test('session: the end is said and leads to the log-in', null, async (page) => {
  await frozen(page, '/en/form');
  await page.clock.fastForward(1801 * 1000);
  await shows(page, warning, 'Your session has ended');
  assert.equal(await page.locator('[data-session-login]').isVisible(), true);
});

// --- keyboard
await test('keyboard: every stop is in view and visibly focused, the skip link first', '/en/form', async (page) => {
  for (let stop = 0; stop < 60; stop++) {
    await page.keyboard.press('Tab');
    const at = await page.evaluate(() => {
      const e = document.activeElement;
      if (!e || e === document.body) return null;
      const r = e.getBoundingClientRect(), style = getComputedStyle(e);
      return { name: e.outerHTML.slice(0, 80), skip: e.matches('.skip'), seen: r.bottom > 0 && r.top < innerHeight && r.width > 1, outline: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2 };
    });
    if (!at) { assert.ok(stop > 15, 'too few stops'); return; }
    if (stop === 0) assert.ok(at.skip, 'the skip link comes first');
    assert.ok(at.seen && at.outline, `stop ${stop}: ${JSON.stringify(at)}`);
  }
});
await test('no script: the Enter key in a field goes on, not back and not to Find', null, async (page) => {
  const context = await browser.newContext({ baseURL: base, javaScriptEnabled: false });
  const plain = await context.newPage();
  await plain.goto('/en/form');
  await plain.focus('#f-street');
  const [request] = await Promise.all([plain.waitForRequest((r) => r.method() === 'POST'), plain.keyboard.press('Enter')]);
  const sent = new URLSearchParams(request.postData());
  assert.equal(sent.get('go'), 'next');
  assert.equal(sent.has('find'), false);
  assert.equal(sent.get('goods'), '0201');
  await context.close();
});

await finish(browser, passed, failed);
