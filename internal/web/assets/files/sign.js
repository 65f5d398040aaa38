// Signs with NCALayer, which listens on the reader's own machine. Everything is said in words; the page holds them in
// data attributes. The signature goes into the hidden field of the form, and the form is sent: the server alone judges.
const GREETING = 1500; // ms; newer agents greet on opening, others stay silent
const CONNECT = 10000; // ms for the connection itself, which includes the browser's own question to the reader

for (const part of document.querySelectorAll('[data-sign]')) signing(part);

class Trouble extends Error {} // its message is the name of the words to show

function signing(part) {
  const words = part.dataset;
  const $ = (name) => part.querySelector(`[data-sign-${name}]`);
  const start = $('start'), stop = $('stop'), status = $('status'), form = $('form'), keys = $('keys');
  let agent = null, stopped = false;

  start.hidden = false;
  start.addEventListener('click', run);
  stop.addEventListener('click', () => { stopped = true; agent?.close(); });
  $('choose').addEventListener('click', chosen);
  addEventListener('pageshow', (e) => { if (e.persisted) idle(); });

  function idle() { agent?.close(); agent = null; start.hidden = false; stop.hidden = true; keys.hidden = true; }

  function say(name, detail) { status.textContent = words[name] + (detail ? ` (${detail})` : ''); }

  async function run() {
    stopped = false;
    start.hidden = true; stop.hidden = false; stop.focus();
    say('working');
    try {
      agent = await connect(words.sign);
      if ('demo' in words) return await offerKeys();
      await sign();
    } catch (e) { trouble(e); }
  }

  async function trouble(e) {
    let name = e instanceof Trouble ? e.message : 'wrong';
    if (stopped) name = 'canceled';
    else if (name === 'missing' && await refusedByBrowser()) name = 'denied';
    say(name, e.detail);
    idle();
    start.focus();
  }

  async function offerKeys() {
    const { result } = body(await agent.ask('kz.elicense.demo', 'keys', {}));
    if (!Array.isArray(result) || !result.length) throw new Trouble('wrong');
    const select = keys.querySelector('select');
    select.replaceChildren(...result.map((k) => new Option([k.name, k.bin || k.iin, k.algorithm].filter(Boolean).join(', '), k.id)));
    const mine = result.find((k) => k.bin === words.bin && k.iin === words.iin) ?? result.find((k) => words.bin && k.bin === words.bin);
    if (mine) select.value = mine.id;
    keys.hidden = false;
    status.textContent = '';
    select.focus();
  }

  async function chosen() {
    keys.hidden = true;
    stop.focus();
    try {
      body(await agent.ask('kz.elicense.demo', 'choose', { id: keys.querySelector('select').value }));
      await sign();
    } catch (e) { trouble(e); }
  }

  async function sign() {
    say('choosing');
    const answer = body(await agent.ask('kz.gov.pki.knca.basics', 'sign', {
      allowedStorages: null,
      format: 'cms',
      data: words.payload,
      signingParams: { decode: 'true', encapsulate: 'false', digested: 'false', tsaProfile: null },
      signerParams: {
        extKeyUsageOids: words.purposes ? words.purposes.split(',') : [],
        iin: words.iin, bin: words.bin, serialNumber: '', chain: JSON.parse(words.chain),
      },
      locale: words.locale,
    }));
    let { result } = answer;
    if (result === undefined) throw new Trouble('canceled'); // how the agent says that its window was closed
    result = result?.signatures ?? result;
    const cms = Array.isArray(result) && result.length === 1 ? result[0] : result;
    if (typeof cms !== 'string' || !/^(-----BEGIN CMS-----[\s\S]+-----END CMS-----|[A-Za-z0-9+/=\s]{100,})\s*$/.test(cms)) throw new Trouble('wrong');
    form.elements.namedItem('cms').value = cms;
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
  const e = new Trouble(code === 'MODULE_NOT_FOUND' ? 'module' : 'wrong');
  if (typeof code === 'string' && e.message === 'wrong') e.detail = code.slice(0, 60);
  throw e;
}

// connect opens the socket. The protocol has no numbers to match answers with: one question at a time.
function connect(address) {
  return new Promise((ready, fail) => {
    let waiting = null, open = false;
    const socket = new WebSocket(address);
    const late = setTimeout(() => { fail(new Trouble('missing')); socket.close(); }, CONNECT);
    const agent = {
      ask(module, method, args) {
        return new Promise((resolve, reject) => {
          if (socket.readyState !== WebSocket.OPEN) return reject(new Trouble('lost'));
          waiting = { resolve, reject };
          socket.send(JSON.stringify({ module, method, args }));
        });
      },
      close() { socket.close(); },
    };
    const greeted = () => { if (!open) { open = true; clearTimeout(late); ready(agent); } };
    socket.onopen = () => setTimeout(greeted, GREETING);
    socket.onclose = () => {
      clearTimeout(late);
      if (!open) fail(new Trouble('missing'));
      waiting?.reject(new Trouble('lost'));
      waiting = null;
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

// refusedByBrowser asks whether the reader forbade the page to reach the own machine; older browsers cannot say.
async function refusedByBrowser() {
  for (const name of ['loopback-network', 'local-network-access']) {
    try { if ((await navigator.permissions.query({ name })).state === 'denied') return true; } catch { /* unknown name */ }
  }
  return false;
}
