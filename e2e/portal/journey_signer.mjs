// Signing in the page: a key file is opened in a frame of another origin, the person sees whose it is, signs, and the permit comes;
// and no byte of file, key or password leaves the browser, which a page that does send them proves can be seen.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { launch } from '../browser.mjs';
import * as checks from '../checks.mjs';
import { Actor, chain, draft, pdf } from './actor.mjs';
import { best, keyFile, secret, secrets } from './keyfile.mjs';
import { Wire, closable, leaks } from './wire.mjs';

const reviewed = JSON.parse(readFileSync(new URL('../reviewed.json', import.meta.url), 'utf8'));

export async function journey({ demo, test, shots }) {
  const wire = await Wire.open();
  try {
    for (const part of [signs, control]) {
      const browser = await launch({ proxy: wire.proxy });
      await part({ browser, wire, demo, test, shots });
      await browser.close();
    }
  } finally {
    await wire.close();
  }
}

// Frame is the signer's page as a person uses it.
export class Frame {
  constructor(page) { this.page = page; this.frame = page.frameLocator('iframe'); }

  async open() {
    await this.page.click('[data-signer-start]');
    await this.frame.locator('[data-part=key]').waitFor({ timeout: 60_000 });
    this.own = this.page.frames().find((f) => f !== this.page.mainFrame());
  }

  async choose(file, password) {
    if (file) await this.frame.locator('#file').setInputFiles(file);
    if (password !== undefined) await this.frame.locator('#password').fill(password);
    await this.frame.locator('[data-part=key] button').click();
  }

  // said waits for words at a field or in the status line.
  said(selector, words) { return this.frame.locator(selector).filter({ hasText: words }).waitFor({ timeout: 20_000 }); }

  fact(name) { return this.frame.locator(`[data-fact=${name}]`).innerText(); }
}

async function signs({ browser, wire, demo, test, shots }) {
  const context = await browser.newContext({ baseURL: demo.base, locale: 'kk', viewport: { width: 1280, height: 900 } });
  wire.listen(context);
  const page = await context.newPage();
  const seen = await checks.watch(page);
  const actor = new Actor(page, demo, { lang: 'kk' }), signer = new Frame(page), { trade, individual, employee } = demo.people;
  const step = chain(test, 'signing in the page', page);
  page.setDefaultTimeout(15_000);
  const look = async (name) => {
    if (!shots) return;
    mkdirSync(shots, { recursive: true });
    for (const width of [1280, 320]) {
      await page.setViewportSize({ width, height: 900 });
      await page.locator('[data-signer]').scrollIntoViewIfNeeded();
      await page.waitForTimeout(200);
      await page.screenshot({ path: join(shots, `signer-${name}-${width}.png`), fullPage: true });
    }
    await page.setViewportSize({ width: 1280, height: 900 });
  };
  const file = keyFile(demo, trade, { old: true });

  await step('an application that waits for its signature', async () => {
    await actor.logIn(trade);
    await draft(actor, 'sign', { file: { name: 'Шарт № 17.pdf', mimeType: 'application/pdf', buffer: pdf('Contract 17') } });
    assert.equal(page.frames().length, 1, 'nothing is loaded before it is asked for');
    const policy = (await page.request.get(page.url())).headers()['content-security-policy'];
    assert.match(policy, new RegExp(`frame-src ${demo.signer}$`));
    assert.doesNotMatch((await page.request.get('/kk/')).headers()['content-security-policy'], /frame-src/, 'only the page with the signing part may');
  });
  wire.forget();
  await step('the frame shows what is to be signed, from the bytes themselves', async () => {
    await signer.open();
    const document = readFileSync(await actor.document());
    assert.equal(await signer.fact('digest'), createHash('sha256').update(document).digest('hex'));
    assert.ok((await page.locator('main').innerText()).includes(await signer.fact('digest')), 'the portal names the same digest');
    assert.equal(await signer.fact('application'), actor.number());
    assert.equal(await signer.fact('purpose'), 'Өтініш беру');
    assert.equal(await signer.fact('origin'), demo.base);
    await look('key');
  });
  await step('every mistake has its words at its field', async () => {
    await signer.choose();
    await signer.said('#file-error', 'Кілт файлын таңдаңыз');
    await signer.said('#password-error', 'құпиясөзін енгізіңіз');
    await signer.choose({ name: 'big.p12', mimeType: 'application/x-pkcs12', buffer: Buffer.alloc((1 << 20) + 1) }, secret);
    await signer.said('#file-error', '1 МБ-тан үлкен');
    await signer.choose({ name: 'picture.p12', mimeType: 'image/png', buffer: Buffer.from('no key at all') }, secret);
    await signer.said('#file-error', 'кілт файлы (.p12) емес');
    await signer.choose(file, `${secret}!`);
    await signer.said('#password-error', 'Құпиясөз қате');
    assert.equal(await signer.frame.locator('#password').evaluate((e) => e === document.activeElement && e.value === ''), true, 'the password is asked for again');
    await look('wrong');
  });
  await step("another's key is warned of before signing, and can be put back", async () => {
    await signer.choose(keyFile(demo, individual), secret);
    await signer.said('[data-warning]', 'басқа адамдікі');
    assert.match(await signer.fact('name'), /Мысалова/);
    await look('warning');
    await signer.frame.locator('[data-again]').click();
    await signer.choose(keyFile(demo, employee), secret);
    await signer.said('[data-warning]', 'басқа адамдікі');
    await signer.frame.locator('[data-again]').click();
  });
  await step('the certificate: owner, IIN, BIN, e-mail, validity; by keyboard', async () => {
    await signer.frame.locator('#file').setInputFiles(file);
    await signer.frame.locator('#password').fill(secret);
    await page.keyboard.press('Enter');
    await signer.said('[data-status]', 'Кілт ашылды');
    assert.equal(await signer.fact('name'), 'Үлгібаев Ерлан Маратұлы');
    assert.equal(await signer.fact('iin'), trade.iin);
    assert.equal(await signer.fact('bin'), trade.bin);
    assert.equal(await signer.fact('organisation'), '«Үлгі Сауда» ЖШС');
    assert.equal(await signer.fact('email'), 'ulgibaev@example.kz');
    assert.match(await signer.fact('validity'), /^\d\d\.\d\d\.\d{4} \d\d:\d\d – \d\d\.\d\d\.\d{4} \d\d:\d\d$/);
    assert.equal(await signer.frame.locator('[data-warning]').isVisible(), false);
    assert.equal(await signer.frame.locator('#certificate-title').evaluate((e) => e === document.activeElement), true, 'the certificate has the focus');
    await look('certificate');
  });
  await step('the page is for everybody', async () => {
    for (const width of [1280, 320]) {
      await page.setViewportSize({ width, height: 900 });
      assert.deepEqual([...await checks.axe(signer.own, reviewed), ...await checks.overflow(signer.own), ...await checks.spill(signer.own), ...await checks.targets(signer.own)], [], `${width} px, the frame`);
      const outside = [...await checks.axe(page, reviewed), ...await checks.overflow(page)].filter((f) => !f.detail.startsWith('frame-tested')); // it just was
      assert.deepEqual(outside, [], `${width} px, the portal`);
    }
    await page.setViewportSize({ width: 1280, height: 900 });
    await page.locator('iframe').evaluate((e) => e.scrollIntoView()); // browsers do not lay out a frame of another origin that is out of sight
    const heights = async () => [(await page.locator('iframe').boundingBox()).height, await signer.own.evaluate(() => document.documentElement.scrollHeight)];
    const fits = ([height, inside]) => Math.abs(height - inside) < 3;
    for (let asked = 0; asked < 100 && !fits(await heights()); asked++) await page.waitForTimeout(100); // the frame tells its height by a message
    const last = await heights();
    assert.ok(fits(last), `the frame is ${last[0]} px high, its content ${last[1]}`);
  });
  await step('frame and worker can connect to nothing any more', async () => {
    const open = await signer.own.evaluate(async (other) => {
      const tries = {
        fetch: () => fetch('/files/x/y'), module: () => fetch(document.querySelector('main').dataset.module), other: () => fetch(other),
        image: () => new Promise((ok, no) => { const i = new Image(); i.onload = ok; i.onerror = no; i.src = `${other}/icon.svg`; }),
        socket: () => new Promise((ok, no) => { const s = new WebSocket(other.replace('http', 'ws')); s.onopen = ok; s.onerror = no; }),
        script: () => import('/files/x/y.js'), worker: async () => new Worker('/x.js'), beacon: async () => { if (!navigator.sendBeacon(`${other}/beaconed`, 'x')) throw new Error('refused'); },
      };
      const open = [];
      for (const [name, run] of Object.entries(tries)) await run().then(() => open.push(name), () => {});
      return open;
    }, demo.base);
    assert.deepEqual(open, ['beacon'], 'a beacon reports success and is dropped; the rest fails');
    const [worker] = page.workers();
    const tried = await worker.evaluate(async (other) => {
      const open = [];
      for (const address of [other, location.href]) await fetch(address).then(() => open.push(address), () => {});
      await import(`${other}/x.js`).then(() => open.push('import'), () => {});
      return open;
    }, demo.base);
    assert.deepEqual(tried, []);
  });
  const last = best(demo, trade, file);
  await step('signed: the permit comes', async () => {
    await signer.frame.locator('[data-again]').click();
    await signer.choose(last.file, last.password);
    await signer.said('[data-status]', 'Кілт ашылды');
    assert.equal(await signer.fact('algorithm'), last.algorithm);
    seen.length = 0; // what was tried above was refused, as it should be
    assert.equal(await actor.send(signer.frame.locator('[data-sign]')), 200, String(await actor.errors()));
    assert.match(await page.locator('main').innerText(), /Рұқсат беру құжаты берілді/);
    assert.equal(page.workers().length, 0, 'the worker is gone');
    assert.deepEqual(seen.filter((f) => !/ERR_ABORTED/.test(f.detail)), []);
  });
  await step('no byte of file, key or password has left the browser', async () => {
    const storage = await context.storageState({ indexedDB: true });
    assert.deepEqual(storage.origins.filter((o) => o.origin === demo.signer), [], 'nothing is stored');
    assert.deepEqual((await context.cookies(demo.signer)).filter((c) => c.name !== 'elicense' && c.name !== 'lang'), [], 'no cookie of its own');
    await context.close(); // whatever a page sends on its end is on the wire now
    const sent = wire.sent;
    assert.ok(sent.includes('name="cms"') || /cms=MII/.test(sent.toString('latin1')), 'the signature was sent, so the wire is listened to');
    assert.ok(sent.includes('/signer.wasm'), 'the program was fetched');
    assert.ok(!sent.includes('beaconed'), 'the beacon was not sent');
    const other = [{ name: 'the other key file', bytes: readFileSync(last.file) }, { name: 'its password', text: last.password }];
    assert.deepEqual(leaks(sent, [...secrets(file, trade), ...other]), []);
  });
}

// A page that sends file, key and password in every way there is. Each of them has to be seen.
const ways = {
  'a body': (b) => fetch('/taken', { method: 'POST', body: b }),
  'a body in base64': (b, b64) => fetch('/taken', { method: 'POST', body: `x${b64}` }),
  'JSON with numbers': (b) => fetch('/taken', { method: 'POST', body: JSON.stringify({ x: [...b] }) }),
  'a beacon in hex': (b, b64, hex) => navigator.sendBeacon('/taken', hex),
  'the address of a picture': (b, b64, hex) => new Promise((done) => { const i = new Image(); i.onload = i.onerror = done; i.src = `/taken?${hex.slice(0, 3000)}`; }),
  'a header': (b, b64) => fetch('/taken', { headers: { 'x-taken': b64.slice(0, 3000) } }),
  'the name of a folder': (b, b64) => fetch(`/taken/${b64.slice(0, 3000).replaceAll('+', '-').replaceAll('/', '_')}/x`),
  'a WebSocket': (b) => new Promise((done) => { const s = new WebSocket(location.origin.replace('http', 'ws')); s.onopen = () => { s.send(b); s.onmessage = done; }; s.onerror = done; }),
  'a worker': (b) => new Promise((done) => {
    const w = new Worker(URL.createObjectURL(new Blob([`onmessage=(e)=>fetch('${location.origin}/taken',{method:'POST',body:e.data}).then(()=>postMessage(1))`])));
    w.onmessage = done;
    w.postMessage(b);
  }),
  'a frame': (b, b64) => new Promise((done) => { const f = document.createElement('iframe'); f.onload = done; f.src = `/taken?${encodeURIComponent(b64.slice(0, 3000))}`; document.body.append(f); }),
  'a form': (b, b64) => new Promise((done) => {
    const f = document.createElement('form'), i = document.createElement('input'), to = document.createElement('iframe');
    to.name = 'to';
    to.onload = () => { if (to.contentWindow.location.pathname === '/taken') done(); };
    Object.assign(f, { method: 'post', action: '/taken', target: 'to' });
    Object.assign(i, { name: 'x', value: b64 });
    f.append(i);
    document.body.append(to, f);
    f.submit();
  }),
};

async function control({ browser, wire, demo, test }) {
  const server = createServer((req, res) => { req.resume().on('end', () => { res.setHeader('content-type', 'text/html'); res.end('<!doctype html><title>control</title><body>'); }); });
  server.on('upgrade', (req, socket) => {
    const accept = createHash('sha1').update(`${req.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
    socket.write(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`);
    socket.on('data', () => socket.write(Buffer.from([0x81, 0x02, 0x6f, 0x6b]))).on('error', () => {});
  });
  const close = closable(server);
  await new Promise((done) => { server.listen(0, '127.0.0.1', done); });
  const person = demo.people.trade, file = keyFile(demo, person, { old: true });
  const context = await browser.newContext({ baseURL: `http://127.0.0.1:${server.address().port}` });
  wire.listen(context);
  const page = await context.newPage();
  const known = secrets(file, person);
  const parts = { 'the key file': readFileSync(file), "the key's d": known[0].bytes, 'the password': Buffer.from(secret) };
  for (const [way, run] of Object.entries(ways)) {
    await test(`control: ${way} is seen`, async () => {
      for (const [name, bytes] of Object.entries(parts)) {
        await page.goto('/');
        wire.forget();
        assert.deepEqual(leaks(wire.sent, known), [], 'nothing yet');
        await page.evaluate(async ([run, b64]) => {
          const b = Uint8Array.from(atob(b64), (c) => c.charCodeAt(0));
          await (0, eval)(`(${run})`)(b, b64, [...b].map((x) => x.toString(16).padStart(2, '0')).join('')); // a string, since functions do not travel
        }, [run.toString(), bytes.toString('base64')]);
        assert.ok(await wire.until((sent) => leaks(sent, known).includes(name)), `${name} by ${way}`);
      }
    });
  }
  await test('control: sixteen bytes of the key are seen, fifteen are none', async () => {
    for (const [bytes, want] of [[known[0].bytes.subarray(7, 23), ["the key's d"]], [known[0].bytes.subarray(7, 22), []]]) {
      await page.goto('/');
      wire.forget();
      await page.evaluate((x) => fetch(`/taken?x=${x}`), encodeURIComponent(bytes.toString('base64')));
      assert.deepEqual(leaks(wire.sent, known), want);
    }
  });
  await context.close();
  await close();
}
