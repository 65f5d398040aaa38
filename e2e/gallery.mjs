// Builds and starts the gallery of components, runs the checks and the scripts' own tests on it, stops it.
// Options are handed on to run.mjs: node gallery.mjs --shots /tmp/shots --only form
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const here = import.meta.dirname;
const folder = mkdtempSync(join(tmpdir(), 'gallery-'));
const program = join(folder, 'gallery');
const built = spawnSync('go', ['build', '-o', program, './e2e/gallery'], { cwd: join(here, '..'), stdio: 'inherit' });
if (built.status !== 0) process.exit(1);

const server = spawn(program, ['-listen', '127.0.0.1:0'], { stdio: ['ignore', 'pipe', 'inherit'] });
try {
  const base = await new Promise((found, fail) => {
    server.stdout.once('data', (line) => found(String(line).trim()));
    server.once('exit', () => fail(new Error('the gallery did not start')));
  });
  const run = (file, args) => new Promise((done) => spawn(process.execPath, [join(here, file), '--base', base, ...args], { stdio: 'inherit', timeout: 1_200_000 }).once('exit', (code) => done(code !== 0)));
  const states = await run('run.mjs', ['--states', join(here, 'gallery/states.json'), ...process.argv.slice(2)]);
  const scripts = await run('scripts.mjs', []);
  process.exitCode = states || scripts ? 1 : 0;
} finally {
  server.kill();
  rmSync(folder, { recursive: true });
}
process.exit(); // whatever is still open
