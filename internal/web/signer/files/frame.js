// The page in which a person signs with a key file. It talks to two others only: the portal that shows it in a frame, by messages
// with exact origins both ways (in: the documents to be signed; out: their signatures and how far things are), and a worker
// that does everything with the key. File and password go to the worker and nowhere else.
// No content policy holds back WebRTC, the one way out that is left; nothing here needs it.
for (const name of ['RTCPeerConnection', 'webkitRTCPeerConnection', 'RTCDataChannel']) delete globalThis[name];

const $ = (selector) => document.querySelector(selector);
const main = $('main');
const { portal, worker: workerAddress, module: moduleAddress } = main.dataset;
const words = Object.fromEntries([...main.querySelector('template').content.querySelectorAll('[data-word]')].map((e) => [e.dataset.word, e.textContent]));
const parts = Object.fromEntries([...main.querySelectorAll('[data-part]')].map((e) => [e.dataset.part, e]));
const status = $('[data-status]'), file = $('#file'), password = $('#password'), warning = $('[data-warning]');
const FILE = 1 << 20; // bytes; the program has the same limit
const SCHEMA = 'elicense-signature/1';
const DOCUMENTS = 16; // at most

let documents; // the bytes to be signed, and what each says
let stated;
let worker;

const tell = (message) => parent.postMessage(message, portal);
const say = (key) => { status.textContent = key ? words[key] : ''; };

addEventListener('message', taken);
new ResizeObserver(() => tell({ type: 'height', height: Math.ceil(document.documentElement.getBoundingClientRect().height) })).observe(document.documentElement);
parts.key.addEventListener('submit', (e) => { e.preventDefault(); open(); });
$('[data-sign]').addEventListener('click', sign);
$('[data-again]').addEventListener('click', again);
start();

// start fetches the program and hands it to the worker; from then on this page can fetch nothing any more.
async function start() {
  say('signer.loading');
  try {
    const module = await WebAssembly.compileStreaming(fetch(moduleAddress, { credentials: 'omit', referrerPolicy: 'no-referrer' }));
    worker = new Worker(trusted(workerAddress), { type: 'module' });
    await ask({ type: 'start', module }, 'started');
    lock();
    say('signer.waiting');
    tell({ type: 'ready' });
  } catch { unavailable(); }
}

// trusted makes the one address that a worker may come from acceptable to Trusted Types.
function trusted(address) {
  const own = new URL('worker.js', import.meta.url);
  if (new URL(address, location.href).href !== own.href) throw new TypeError('another worker');
  return globalThis.trustedTypes ? trustedTypes.createPolicy('signer', { createScriptURL: () => own.href }).createScriptURL('') : own.href;
}

// lock adds a policy under which nothing can be fetched, sent or loaded.
function lock() {
  const policy = document.createElement('meta');
  policy.httpEquiv = 'Content-Security-Policy';
  policy.content = "default-src 'none'; form-action 'none'; base-uri 'none'";
  document.head.append(policy);
}

function unavailable() {
  worker?.terminate();
  worker = null;
  for (const part of Object.values(parts)) part.hidden = true;
  say('signer.unavailable');
  tell({ type: 'unavailable' });
}

// ask sends one question to the worker and waits for its answer.
function ask(message, kind, transfer = []) {
  return new Promise((resolve, reject) => {
    const asked = worker;
    const fail = () => reject(new Error('worker'));
    asked.onerror = fail;
    asked.onmessageerror = fail;
    asked.onmessage = ({ data }) => (data.type === kind ? resolve(data.answer) : fail());
    asked.postMessage(message, transfer);
  });
}

// taken takes the documents that the portal gives, once, if they are that portal's: what one person signs for one purpose.
function taken(e) {
  if (e.origin !== portal || e.source !== parent || e.data?.type !== 'documents' || documents || !worker) return;
  const given = e.data.documents;
  try {
    if (!Array.isArray(given) || !given.length || given.length > DOCUMENTS) throw new TypeError('no documents');
    stated = given.map(read);
    if (['purpose', 'iin', 'bin'].some((name) => stated.some((s) => s[name] !== stated[0][name]))) throw new TypeError('of several people');
  } catch {
    say('signer.document');
    tell({ type: 'unavailable' });
    return;
  }
  documents = given;
  show();
}

// read gives what a document says.
function read(bytes) {
  if (!(bytes instanceof Uint8Array)) throw new TypeError('no bytes');
  const s = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  if (s.schema !== SCHEMA || s.origin !== portal || !words[`sign.purpose.${s.purpose}`]) throw new TypeError('another document');
  return s;
}

async function show() {
  const [{ purpose, bin, iin, origin }] = stated;
  const digests = await Promise.all(documents.map((d) => crypto.subtle.digest('SHA-256', d)));
  facts(parts.document, {
    purpose: words[`sign.purpose.${purpose}`], application: stated.map((s) => s.application).filter(Boolean).join(', '), signer: [bin, iin].filter(Boolean).join(', '),
    origin, expires: moment(Math.min(...stated.map((s) => Date.parse(s.expires)))), digest: digests.map(hex).join(', '),
  });
  parts.document.hidden = parts.key.hidden = false;
  say('');
  file.focus();
}

// open gives file and password to the worker and shows whose certificate it is.
async function open() {
  const chosen = file.files[0], typed = password.value;
  wrong('file', !chosen ? 'signer.choose-file' : chosen.size > FILE ? 'signer.too-large' : '');
  wrong('password', typed ? '' : 'signer.type-password');
  if (!chosen || chosen.size > FILE) return file.focus();
  if (!typed) return password.focus();
  busy('signer.opening');
  let answer;
  try {
    const bytes = new Uint8Array(await chosen.arrayBuffer()), secret = new TextEncoder().encode(typed);
    const expected = { iin: stated[0].iin, bin: stated[0].bin, now: Date.now() };
    answer = await ask({ type: 'open', file: bytes, password: secret, expected }, 'opened', [bytes.buffer, secret.buffer]);
  } catch { return unavailable(); }
  busy('');
  password.value = '';
  if (answer.refusal) return refused(answer);
  certificate(answer.certificate);
  warning.hidden = !answer.warning;
  warning.textContent = answer.warning ? words[answer.warning] : '';
  parts.key.hidden = true;
  $('[data-sign]').hidden = false;
  parts.certificate.hidden = false;
  say('signer.opened');
  $('#certificate-title').focus();
}

// refused says what stands against the file, beside the certificate where that could be read.
function refused(answer) {
  const field = answer.refusal === 'signer.password' ? 'password' : 'file';
  wrong(field, answer.refusal);
  if (answer.certificate) certificate(answer.certificate);
  $('[data-sign]').hidden = true;
  warning.hidden = true;
  parts.certificate.hidden = !answer.certificate;
  $(`#${field}`).focus();
}

function certificate(c) {
  facts(parts.certificate, { ...c, validity: `${moment(c.from)} – ${moment(c.until)}` });
}

async function sign() {
  busy('signer.signing');
  let answer;
  try {
    answer = await ask({ type: 'sign', documents, now: Date.now() }, 'signed');
  } catch { return unavailable(); }
  busy('');
  if (answer.refusal) {
    again();
    return wrong('file', answer.refusal);
  }
  worker.terminate(); // with all that it remembers
  worker = null;
  file.value = '';
  for (const part of [parts.key, parts.certificate]) part.hidden = true;
  say('signer.signed');
  tell({ type: 'signed', cms: answer.cms.map(base64) });
}

// again goes back to the choice of a file.
function again() {
  file.value = '';
  parts.certificate.hidden = true;
  parts.key.hidden = false;
  say('');
  file.focus();
}

// busy says what is going on and holds the buttons meanwhile.
function busy(key) {
  say(key);
  for (const b of main.querySelectorAll('button')) b.disabled = key !== '';
}

// wrong shows an error at a field, or takes it away.
function wrong(name, key) {
  const line = $(`[data-error=${name}]`), input = $(`#${name}`);
  line.textContent = key ? words[key] ?? words['signer.failed'] : '';
  line.hidden = !key;
  if (key) input.setAttribute('aria-invalid', 'true');
  else input.removeAttribute('aria-invalid');
  input.closest('.field').classList.toggle('wrong', Boolean(key));
}

// facts fills the lines of a summary; a line without a value is not shown.
function facts(part, values) {
  for (const line of part.querySelectorAll('[data-fact]')) {
    line.textContent = values[line.dataset.fact] ?? '';
    line.parentElement.hidden = !line.textContent;
  }
}

// moment writes a time as the portal does, in Almaty.
function moment(milliseconds) {
  const format = new Intl.DateTimeFormat('ru-RU', { timeZone: 'Asia/Almaty', day: '2-digit', month: '2-digit', year: 'numeric', hour: '2-digit', minute: '2-digit' });
  return format.format(milliseconds).replace(',', '');
}

const hex = (buffer) => [...new Uint8Array(buffer)].map((b) => b.toString(16).padStart(2, '0')).join('');
const base64 = (bytes) => btoa(Array.from(bytes, (b) => String.fromCharCode(b)).join(''));
