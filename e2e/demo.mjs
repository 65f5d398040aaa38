// Builds the program and starts its demonstration on free loopback ports over a folder of its own.
import { spawn, spawnSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');

// Password opens every account of the demonstration.
export const password = 'Demo-Kilt-2026';

async function freePorts(n) {
  const servers = await Promise.all(Array.from({ length: n }, () => new Promise((done) => {
    const s = createServer().listen(0, '127.0.0.1', () => done(s));
  })));
  const ports = servers.map((s) => s.address().port);
  await Promise.all(servers.map((s) => new Promise((done) => s.close(done))));
  return ports;
}

// build makes the binary, and the list of pages that the routers know.
export function build(folder) {
  const env = { ...process.env, CGO_ENABLED: '0' };
  const program = process.env.ELICENSE ?? join(folder, 'elicense');
  if (!process.env.ELICENSE && spawnSync('go', ['build', '-o', program, './cmd/elicense'], { cwd: root, stdio: 'inherit', env }).status !== 0) throw new Error('go build failed');
  const listed = spawnSync('go', ['run', './e2e/pages'], { cwd: root, encoding: 'utf8', env });
  if (listed.status !== 0) throw new Error(listed.stderr);
  return { program, pages: JSON.parse(listed.stdout) };
}

// start gives {base, office, signer, agent, gateway, folder, people, run, stop}: people are the demo keys by what their certificates are for.
export async function start() {
  const folder = mkdtempSync(join(tmpdir(), 'portal-'));
  const { program, pages } = build(folder);
  const [portal, office, agent, gateway, signer] = await freePorts(5);
  const data = join(folder, 'data'), at = (port) => `127.0.0.1:${port}`;
  const child = spawn(program, ['demo', '--data', data, '--listen', at(portal), '--office-listen', at(office), '--signer-listen', at(signer), '--agent-listen', at(agent), '--gateway-listen', at(gateway)],
    { stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, TZ: 'UTC' } });
  let log = '';
  child.stderr.on('data', (b) => { log += b; });
  const ended = new Promise((done) => child.once('exit', done));
  const stop = async () => {
    child.kill();
    await ended;
    rmSync(folder, { recursive: true, force: true });
    return log;
  };
  const base = `http://${at(portal)}`, keys = join(data, 'demo-ca', 'people');
  const deadline = Date.now() + 180_000;
  for (;;) {
    if (child.exitCode !== null) throw new Error(`the demonstration ended: ${log}`);
    if (await fetch(`${base}/readyz`).then((r) => r.ok, () => false)) break;
    if (Date.now() > deadline) throw new Error(`not ready within three minutes: ${log}`);
    await new Promise((done) => setTimeout(done, 100));
  }
  return { base, office: `http://${at(office)}`, signer: `http://${at(signer)}`, agent: `ws://${at(agent)}/`, gateway: `http://${at(gateway)}`, folder, keys, pages, people: people(keys), run: (...args) => spawnSync(program, args, { encoding: 'utf8' }), stop, log: () => log };
}

// people reads who there is from the names of the key files: IIN, or IIN-BIN-kind.
function people(folder) {
  const names = readdirSync(folder).filter((f) => f.endsWith('.key.pem')).map((f) => f.slice(0, -'.key.pem'.length)).sort();
  const all = names.map((name) => {
    const [iin, bin = '', ...kind] = name.split('-');
    const pem = join(folder, `${name}.pem`);
    const fingerprint = new X509Certificate(readFileSync(pem)).fingerprint256.replaceAll(':', '').toLowerCase();
    return { name, iin, bin, kind: kind.join('-'), number: bin || iin, pem, key: join(folder, `${name}.key.pem`), fingerprint };
  });
  const two = all.find((p) => p.kind === 'right-to-sign').bin;
  const seal = all.filter((p) => p.kind === 'head' && p.bin !== two).sort((a, b) => a.iin.localeCompare(b.iin));
  return {
    individual: all.find((p) => !p.bin && p.iin.startsWith('900514')),
    proprietor: all.find((p) => !p.bin && p.iin.startsWith('841102')),
    trade: seal.find((p) => p.iin.startsWith('790123')),
    importer: all.find((p) => p.bin === two && p.kind === 'head'),
    deputy: all.find((p) => p.kind === 'right-to-sign'),
    employee: all.find((p) => p.kind === 'employee'),
  };
}
