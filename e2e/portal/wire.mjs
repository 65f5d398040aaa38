// What leaves the browser, byte by byte, and whether a secret is in it. The browser reaches everything, this machine too,
// through a proxy that writes down what it is given, whichever page, frame or worker sent it. What travels inside
// WebSockets is masked there (RFC 6455, 5.3), so it is taken from the browser itself.
import { createServer, request } from 'node:http';
import { connect } from 'node:net';

// closable gives a function that closes a server with all its connections, also those that became something else than http.
export function closable(server) {
  const sockets = new Set();
  server.on('connection', (socket) => { sockets.add(socket); socket.once('close', () => sockets.delete(socket)); });
  return () => new Promise((done) => {
    server.close(done);
    for (const s of sockets) s.destroy();
  });
}

// Wire is the proxy. It is for plain http on this machine.
export class Wire {
  #sent = [];

  static async open() {
    const wire = new Wire();
    wire.server = createServer((req, res) => wire.#forward(req, res));
    wire.server.on('connect', (req, socket, head) => wire.#tunnel(req, socket, head));
    wire.close = closable(wire.server);
    await new Promise((done) => { wire.server.listen(0, '127.0.0.1', done); });
    wire.proxy = { server: `http://127.0.0.1:${wire.server.address().port}`, bypass: '<-loopback>' };
    return wire;
  }

  // listen adds what the pages of a context put into WebSockets.
  listen(context) {
    const hear = (page) => page.on('websocket', (ws) => ws.on('framesent', ({ payload }) => this.#sent.push(Buffer.from(payload))));
    context.pages().forEach(hear);
    context.on('page', hear);
  }

  // forget begins anew; sent is everything since.
  forget() { this.#sent = []; }
  get sent() { return Buffer.concat(this.#sent); }

  // until waits until what was sent satisfies a condition: true, or false after ten seconds.
  async until(condition) {
    for (const end = Date.now() + 10_000; Date.now() < end; await new Promise((done) => { setTimeout(done, 50); })) if (condition(this.sent)) return true;
    return condition(this.sent);
  }

  #forward(req, res) {
    this.#sent.push(Buffer.from(`${req.method} ${req.url}\r\n${req.rawHeaders.join('\r\n')}\r\n\r\n`));
    const headers = { ...req.headers };
    delete headers['proxy-connection'];
    const onward = request(req.url, { method: req.method, headers }, (answer) => {
      res.writeHead(answer.statusCode, answer.rawHeaders);
      answer.pipe(res);
    });
    onward.on('error', () => res.destroy());
    req.on('data', (b) => this.#sent.push(b));
    req.pipe(onward);
  }

  #tunnel(req, socket, head) {
    this.#sent.push(Buffer.from(`CONNECT ${req.url}\r\n`), head);
    const { hostname, port } = new URL(`http://${req.url}`);
    const onward = connect(port || 80, hostname, () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      onward.write(head);
      onward.pipe(socket);
      socket.pipe(onward);
    });
    socket.on('data', (b) => this.#sent.push(b));
    for (const s of [socket, onward]) s.on('error', () => {}).on('close', () => { socket.destroy(); onward.destroy(); });
  }
}

const WINDOW = 16; // so many bytes of a key in a row are no accident

// readings are the ways in which bytes may be written down: as they are, percent-encoded, in base64, in hex, as a list of
// numbers.
function readings(sent) {
  const raw = sent.toString('latin1');
  const plain = [raw, raw.replaceAll('+', ' ').replace(/%([0-9a-f]{2})/gi, (_, h) => String.fromCharCode(parseInt(h, 16))), raw.replace(/%([0-9a-f]{2})/gi, (_, h) => String.fromCharCode(parseInt(h, 16)))];
  const out = [...plain];
  for (const text of plain) {
    for (const [run] of text.matchAll(/[A-Za-z0-9+/_-]{20,}/g)) for (let at = 0; at < 4; at++) out.push(Buffer.from(run.slice(at), 'base64').toString('latin1'));
    for (const [run] of text.matchAll(/[0-9a-f]{16,}/gi)) for (let at = 0; at < 2; at++) out.push(Buffer.from(run.slice(at, run.length - (run.length - at) % 2), 'hex').toString('latin1'));
    for (const [run] of text.matchAll(/(?:\d{1,3}\s*,\s*){7,}\d{1,3}/g)) out.push(String.fromCharCode(...run.split(',').map((n) => Number(n) & 255)));
  }
  return out;
}

// leaks names the secrets of which something is in what was sent. secrets: {name, bytes} for keys, of which every window of 16
// bytes counts, or {name, text} for passwords, which count as a whole.
export function leaks(sent, secrets) {
  const windows = new Map();
  for (const { name, bytes } of secrets) {
    if (!bytes) continue;
    const both = [bytes.toString('latin1'), Buffer.from(bytes).reverse().toString('latin1')];
    for (const text of both) for (let at = 0; at + WINDOW <= text.length; at++) windows.set(text.slice(at, at + WINDOW), name);
  }
  const words = secrets.filter((s) => s.text).flatMap(({ name, text }) => ['utf8', 'utf16le'].map((form) => ({ name, text: Buffer.from(text, form).toString('latin1') })));
  const found = new Set();
  for (const text of readings(sent)) {
    for (let at = 0; at + WINDOW <= text.length; at++) {
      const name = windows.get(text.slice(at, at + WINDOW));
      if (name) found.add(name);
    }
    for (const w of words) if (text.includes(w.text)) found.add(w.name);
  }
  return [...found].sort();
}
