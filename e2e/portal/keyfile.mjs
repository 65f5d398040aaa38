// Key files of the demonstration's people, and what is secret about them.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createPrivateKey } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { password } from '../demo.mjs';

// secret is the password of the files: long enough that no other bytes are it by accident.
export const secret = 'Құпия-Сөз-7f3a9c';

// keyFile makes the .p12 of a person; old is the encryption of the National Certification Authority.
export function keyFile(demo, person, { old = false } = {}) {
  const file = join(demo.folder, `${person.name}${old ? '-old' : ''}.p12`);
  const cipher = old ? ['-legacy', '-keypbe', 'PBE-SHA1-3DES', '-certpbe', 'PBE-SHA1-RC2-40', '-macalg', 'sha1'] : [];
  const made = spawnSync('openssl', ['pkcs12', '-export', '-inkey', person.key, '-in', person.pem, '-out', file, '-passout', `pass:${secret}`, ...cipher], { encoding: 'utf8' });
  assert.equal(made.status, 0, made.stderr);
  return file;
}

// best is the key file to sign with: one of the national standard where the demonstration has made it, else the RSA one given.
export function best(demo, person, file) {
  const national = readdirSync(demo.keys).find((f) => f.startsWith(person.name) && f.endsWith('.p12'));
  return national ? { file: join(demo.keys, national), password, algorithm: 'GOST2015-512' } : { file, password: secret, algorithm: 'RSA-SHA256' };
}

// secrets are the file, every number of the private key, and the password.
export function secrets(file, person) {
  const key = createPrivateKey(readFileSync(person.key)).export({ format: 'jwk' });
  const numbers = ['d', 'p', 'q', 'dp', 'dq', 'qi'].map((n) => ({ name: `the key's ${n}`, bytes: Buffer.from(key[n], 'base64url') }));
  return [...numbers, { name: 'the key file', bytes: readFileSync(file) }, { name: 'the password', text: secret }];
}
