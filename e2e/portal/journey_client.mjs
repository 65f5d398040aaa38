// The demonstration's agent is driven by a public client of NCALayer, which knows nothing of this program: what it gets
// must be what a portal gets from NCALayer, and this portal must take it.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { NCALayerClient } from 'ncalayer-js-client';
import { Actor, chain } from './actor.mjs';

export async function journey({ browser, demo, test }) {
  const context = await browser.newContext({ baseURL: demo.base, locale: 'ru', javaScriptEnabled: false });
  const page = await context.newPage();
  const actor = new Actor(page, demo, { lang: 'ru', script: false });
  const step = chain(test, "NCALayer's public client", page);
  const { individual, trade } = demo.people;
  const client = new NCALayerClient(demo.agent, false);
  const anybody = { ...NCALayerClient.basicsSignerTestAny }, files = NCALayerClient.basicsStoragePKCS12;

  // person sits before the agent's dialog: the next one is answered with their key, or closed.
  const person = (who) => new Promise((done, fail) => {
    client.sendRequest({ module: 'kz.elicense.demo', method: 'choose', args: who ? { id: who.fingerprint } : { cancel: true } });
    client.setHandlers(done, fail);
  });
  const cancelled = (e) => e.canceledByUser === true || /action\.canceled/.test(e.message);
  // judged asks the program, which knows nothing of the agent, about a signature.
  const judged = (cms, content) => {
    const name = join(demo.folder, `client-${createHash('sha256').update(cms).digest('hex').slice(0, 12)}`);
    writeFileSync(`${name}.cms`, cms);
    writeFileSync(`${name}.bin`, content);
    return demo.run('eds', 'verify', `${name}.cms`, '--content', `${name}.bin`, '--environment', 'demo',
      '--trust', join(demo.folder, 'data/demo-ca/anchors'), '--issuers', join(demo.folder, 'data/demo-ca/intermediates'), '--revocation-lists', `${demo.gateway}/demo-ca.crl`);
  };
  const content = Buffer.from('{"сынақ":"ә"}'), b64 = content.toString('base64');

  await step('connects and lists the tokens', async () => {
    assert.equal(await client.connect(), '1.4');
    assert.deepEqual(await client.getActiveTokens(), []);
  });
  await step('describes the key that the person chooses', async () => {
    await person(trade);
    const key = await client.getKeyInfo(NCALayerClient.fileStorageType);
    assert.match(key.subjectDn, new RegExp(`SERIALNUMBER=IIN${trade.iin}.*OU=BIN${trade.bin}`));
    assert.equal(key.pem.replace(/\s/g, ''), readFileSync(trade.pem, 'utf8').replace(/\s/g, ''));
  });
  await step('changes the language, and is told what the agent cannot do', async () => {
    await client.changeLocale('kk');
    await assert.rejects(client.changeLocale('de'));
    await assert.rejects(client.signXml('PKCS12', '<a/>'), /CMS signatures only/);
    await assert.rejects(client.basicsSign(files, 'xml', '<a/>', {}, anybody, 'ru'), /INVALID_SIGNING_PARAMS/);
  });
  await step('signs by the module basics, inside and outside of the content', async () => {
    for (const params of [NCALayerClient.basicsCMSParamsDetached, NCALayerClient.basicsCMSParamsDetachedNoTSP, NCALayerClient.basicsCMSParamsAttached]) {
      await person(individual);
      const cms = await client.basicsSignCMS(files, b64, params, NCALayerClient.basicsSignerSignPerson);
      assert.match(cms, /^-----BEGIN CMS-----/);
      assert.equal(judged(cms, content).status, 0, judged(cms, content).stderr);
      assert.notEqual(judged(cms, Buffer.from('other')).status, 0);
    }
    await person(trade);
    const two = await client.basicsSignCMS(null, [b64, Buffer.from('b').toString('base64')], NCALayerClient.basicsCMSParamsDetached, NCALayerClient.basicsSignerSignHead);
    assert.equal(two.length, 2);
    assert.equal(judged(two[1], Buffer.from('b')).status, 0);
  });
  await step('signs a digest by both modules', async () => {
    const digest = createHash('sha256').update(content).digest('base64');
    await person(individual);
    assert.equal(judged(await client.basicsSignCMS(files, digest, NCALayerClient.basicsCMSParamsDetachedHash, anybody), content).status, 0);
    await person(individual);
    assert.equal(judged(await client.createCAdESFromBase64Hash('PKCS12', digest), content).status, 0);
  });
  await step('signs by the former module', async () => {
    for (const attach of [false, true]) {
      await person(trade);
      assert.equal(judged(await client.createCAdESFromBase64('PKCS12', b64, 'SIGNATURE', attach), content).status, 0);
    }
    await person(trade);
    assert.equal(judged(await client.createCMSSignatureFromBase64('PKCS12', b64), content).status, 0);
  });
  await step('is told of a closed dialog in both dialects, and of a key that does not suit', async () => {
    await person(null);
    await assert.rejects(client.basicsSignCMS(files, b64, {}, anybody), cancelled);
    await person(null);
    await assert.rejects(client.createCAdESFromBase64('PKCS12', b64), cancelled);
    await person(individual);
    await assert.rejects(client.basicsSignCMS(files, b64, {}, NCALayerClient.basicsSignerSignHead), (e) => /SIGNING_FAILURE/.test(e.message) && !cancelled(e));
  });
  await step('the portal takes its signature for a log-in', async () => {
    await actor.go('/login/certificate');
    const document = readFileSync(await actor.document());
    await person(individual);
    await page.fill('main textarea[name=cms]', await client.createCAdESFromBase64('PKCS12', document.toString('base64')));
    assert.equal(await actor.send(page.locator('main form:has(input[type=file][name=cms]) button[type=submit]').last()), 200, String(await actor.errors()));
    assert.match(await page.locator('header').innerText(), /Мысалова/);
  });
  client.wsConnection?.close();
  await context.close();

  // The pages' own script with an NCALayer that has the former module only: the agent without basics.
  const old = await browser.newContext({ baseURL: demo.base, locale: 'kk' });
  const window = await old.newPage();
  const reader = new Actor(window, demo, { lang: 'kk' });
  const further = chain(test, 'an older NCALayer', window);
  await old.routeWebSocket(demo.agent, (socket) => {
    const server = socket.connectToServer();
    socket.onMessage((text) => {
      if (text.includes('kz.gov.pki.knca.basics')) socket.send('{"success":false,"errorCode":"MODULE_NOT_FOUND"}');
      else server.send(text);
    });
  });
  await further("another person's key is explained, with what to do", async () => {
    await reader.go('/recover');
    await window.fill('#f-number', individual.iin);
    await window.fill('#f-password', 'Жаңа-Құпиясөз-2026');
    assert.equal(await reader.send(window.locator('main form').first().locator('.buttons button')), 200, String(await reader.errors()));
    assert.equal(await reader.signInPage(demo.people.proprietor), 422);
    assert.match(String(await reader.errors()), /Кілт басқа адамға тиесілі. Өз кілтіңізді таңдаңыз/);
  });
  await further('a log-in by the former module', async () => {
    await reader.go('/login/certificate');
    assert.equal(await reader.signInPage(individual), 200, String(await reader.errors()));
    assert.match(await window.locator('header').innerText(), /Мысалова/);
  });
  await old.close();
}
