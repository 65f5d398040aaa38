// Signs with NCALayer, which listens on the reader's own machine. Everything is said in words; the page holds them in
// data attributes. The signature goes into the hidden field of the form, and the form is sent: the server alone judges.
const GREETING = 1500; // ms; newer agents greet on opening, others stay silent
const CONNECT = 10000; // ms for the connection itself
const ASKING = 120000; // ms where the browser may ask the reader first
const BASICS = 'kz.gov.pki.knca.basics', COMMON = 'kz.gov.pki.knca.commonUtils', DEMO = 'kz.elicense.demo';
const FILES = 'PKCS12';

for (const part of document.querySelectorAll('[data-sign]')) signing(part);

class Trouble extends Error { // its message is the name of the words to show
  constructor(name, detail) { super(name); this.detail = typeof detail === 'string' ? detail.slice(0, 60) : ''; }
}

function signing(part) {
  const words = part.dataset;
  const $ = (name) => part.querySelector(`[data-sign-${name}]`);
  const start = $('start'), stop = $('stop'), status = $('status'), form = $('form'), keys = $('keys');
  const select = keys.querySelector('select'), label = keys.querySelector('label'), go = $('choose');
  const documents = words.payload.split(',');
  let agent = null, stopped = false, chosen = null;

  start.hidden = false;
  start.addEventListener('click', run);
  stop.addEventListener('click', () => { stopped = true; agent?.close(); chosen?.(null); });
  go.addEventListener('click', () => chosen?.(select.value));
  addEventListener('pageshow', (e) => { if (e.persisted) idle(); });

  function idle() { agent?.close(); agent = chosen = null; start.hidden = false; stop.hidden = true; keys.hidden = true; }

  function say(name, detail) { status.textContent = words[name] + (detail ? ` (${detail})` : ''); }

  async function run() {
    stopped = false;
    start.hidden = true; stop.hidden = false; stop.focus();
    try {
      const asks = await permission() === 'prompt';
      say(asks ? 'asking' : 'working');
      agent = await connect(words.sign, asks ? ASKING : CONNECT);
      if (stopped) throw new Trouble('canceled');
      if ('demo' in words) await chooseKey();
      send(await sign());
    } catch (e) {
      let name = e instanceof Trouble ? e.message : 'wrong';
      if (stopped) name = 'canceled';
      else if (name === 'missing') name = { denied: 'denied', prompt: 'unanswered' }[await permission()] ?? name;
      say(name, stopped ? '' : e.detail);
      idle();
      start.focus();
    }
  }

  // choose lets the reader pick one of [text, value]; gives the value.
  async function choose(title, button, options, present) {
    label.textContent = title;
    go.textContent = button;
    select.replaceChildren(...options.map(([text, value]) => new Option(text, value)));
    if (present) select.value = present;
    keys.hidden = false;
    status.textContent = '';
    select.focus();
    const value = await new Promise((done) => { chosen = done; agent.onlost = () => done(null); });
    chosen = null;
    keys.hidden = true;
    if (value === null) throw new Trouble('lost');
    stop.focus();
    return value;
  }

  async function chooseKey() {
    const { result } = body(await agent.ask(DEMO, 'keys', {}));
    if (!Array.isArray(result) || !result.length) throw new Trouble('wrong');
    const mine = result.find((k) => k.bin === words.bin && k.iin === words.iin) ?? result.find((k) => words.bin && k.bin === words.bin);
    const id = await choose(words.key, words.withKey, result.map((k) => [[k.name, k.bin || k.iin, k.algorithm].filter(Boolean).join(', '), k.id]), mine?.id);
    body(await agent.ask(DEMO, 'choose', { id }));
  }

  // sign gives the CMS of each document: by the present module or, where NCALayer is older than that, by the former one.
  async function sign() {
    say('choosing');
    const answer = await agent.ask(BASICS, 'sign', {
      allowedStorages: null,
      format: 'cms',
      data: documents.length > 1 ? documents : documents[0],
      signingParams: { decode: 'true', encapsulate: 'false', digested: 'false', tsaProfile: null },
      signerParams: {
        extKeyUsageOids: words.purposes ? words.purposes.split(',') : [],
        iin: words.iin, bin: words.bin, serialNumber: '', chain: JSON.parse(words.chain),
      },
      locale: words.locale,
    });
    if (answer?.errorCode === 'MODULE_NOT_FOUND') return former();
    let { result } = body(answer);
    if (result === undefined) throw new Trouble('canceled'); // how the agent says that its window was closed
    return result?.signatures ?? result;
  }

  // former asks where the key is, when tokens are plugged in, and signs: that module shows keys of one place only.
  async function former() {
    const tokens = former200(await agent.ask(COMMON, 'getActiveTokens', []));
    if (!Array.isArray(tokens)) throw new Trouble('wrong');
    const places = [[words.file, FILES], ...tokens.filter((t) => typeof t === 'string').map((t) => [t, t])];
    const storage = places.length > 1 ? await choose(words.storage, words.next, places) : FILES;
    say('choosing');
    const all = [];
    for (const d of documents) all.push(former200(await agent.ask(COMMON, 'createCAdESFromBase64', [storage, 'SIGNATURE', d, false])));
    return all;
  }

  function send(cms) { // one for each document
    const all = [cms].flat();
    const good = (s) => typeof s === 'string' && /^(-----BEGIN CMS-----[\s\S]+-----END CMS-----|[A-Za-z0-9+/=\s]{100,})\s*$/.test(s);
    if (all.length !== documents.length || !all.every(good)) throw new Trouble('wrong');
    form.elements.namedItem('cms').value = all.join();
    say('sending');
    stop.hidden = true;
    agent.close();
    form.requestSubmit();
  }
}

// body gives the body of a good answer and tells the other kinds apart.
function body(answer) {
  if (answer?.status === true && answer.body && typeof answer.body === 'object') return answer.body;
  const code = answer?.errorCode ?? answer?.code;
  throw new Trouble(code === 'MODULE_NOT_FOUND' ? 'module' : typeof code === 'string' ? 'failed' : 'wrong', code);
}

// former200 does the same for the former module.
function former200(answer) {
  if (answer?.code === '200') return answer.responseObject;
  if (answer?.code === '500') throw answer.message === 'action.canceled' ? new Trouble('canceled') : new Trouble('failed', answer.message);
  return body(answer); // which has no such answer and says what this one is
}

// connect opens the socket. The protocol has no numbers to match answers with: one question at a time.
function connect(address, patience) {
  return new Promise((ready, fail) => {
    let waiting = null, open = false;
    const socket = new WebSocket(address);
    const late = setTimeout(() => { fail(new Trouble('missing')); socket.close(); }, patience);
    const agent = {
      ask(module, method, args) {
        return new Promise((resolve, reject) => {
          if (socket.readyState !== WebSocket.OPEN) return reject(new Trouble('lost'));
          waiting = { resolve, reject };
          socket.send(JSON.stringify({ module, method, args }));
        });
      },
      close() { socket.close(); },
      onlost: null,
    };
    const greeted = () => { if (!open) { open = true; clearTimeout(late); ready(agent); } };
    socket.onopen = () => setTimeout(greeted, GREETING);
    socket.onclose = () => {
      clearTimeout(late);
      if (!open) fail(new Trouble('missing'));
      waiting?.reject(new Trouble('lost'));
      waiting = null;
      agent.onlost?.();
    };
    socket.onmessage = (e) => {
      if (e.data === '--heartbeat--') return;
      let answer;
      try { answer = JSON.parse(e.data); } catch { answer = null; }
      if (answer?.result?.version) return greeted();
      const w = waiting;
      waiting = null;
      w?.resolve(answer);
    };
  });
}

// permission is what the reader has said about pages that reach the own machine: granted, denied, or prompt while the
// browser has yet to ask. Browsers that do not ask do not know the name.
async function permission() {
  for (const name of ['loopback-network', 'local-network-access']) {
    try { return (await navigator.permissions.query({ name })).state; } catch { /* unknown name */ }
  }
  return '';
}
