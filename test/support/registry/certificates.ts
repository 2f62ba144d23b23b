// SPDX-License-Identifier: BSD-3-Clause
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Files in PEM form. */
export interface CertifiedKey {
  readonly certificate: string;
  readonly key: string;
}

const NEW_KEY = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];

/** A certificate authority of its own, in a folder. */
export async function makeAuthority(folder: string, name: string): Promise<CertifiedKey> {
  const made = { certificate: join(folder, `${name}.pem`), key: join(folder, `${name}.key`) };
  const out = ['-keyout', made.key, '-out', made.certificate];
  await run('openssl', [...NEW_KEY, '-subj', `/CN=${name}`, '-days', '2', ...out]);
  return made;
}

/** A certificate of this machine's loopback interface, from an authority. */
export async function certify(
  folder: string,
  name: string,
  authority: CertifiedKey,
): Promise<CertifiedKey> {
  const made = { certificate: join(folder, `${name}.pem`), key: join(folder, `${name}.key`) };
  await run('openssl', [
    ...[...NEW_KEY, '-subj', '/CN=localhost', '-days', '2'],
    ...['-CA', authority.certificate, '-CAkey', authority.key],
    ...['-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'],
    ...['-addext', 'basicConstraints=critical,CA:FALSE'],
    ...['-keyout', made.key, '-out', made.certificate],
  ]);
  return made;
}
