// SPDX-License-Identifier: BSD-3-Clause
import { randomBytes } from 'node:crypto';
import { link, open, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { UnicoreError } from '../errors/index.js';

const TOKEN = /^[A-Za-z0-9_-]{43}$/;

/**
 * The admin token of a state directory; made at the first start, with 256 random bits, for its owner's eyes only. It comes
 * into being whole: written aside, then linked to its name.
 * @throws STATE_CORRUPT if the file can be read by others or holds no token
 */
export async function adminToken(stateDirectory: string): Promise<string> {
  const file = join(stateDirectory, 'admin.token');
  const aside = `${file}.new`;
  await rm(aside, { force: true });
  const handle = await open(aside, 'wx', 0o600);
  try {
    await handle.writeFile(`${randomBytes(32).toString('base64url')}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  try {
    await link(aside, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await rm(aside, { force: true });
  }
  const { mode } = await stat(file);
  const token = (await readFile(file, 'utf8')).trim();
  if ((mode & 0o077) !== 0 || !TOKEN.test(token)) {
    throw new UnicoreError(
      'STATE_CORRUPT',
      `${file} must hold a token and have mode 0600. Delete it, and the daemon makes a new one at its next start.`,
    );
  }
  return token;
}
