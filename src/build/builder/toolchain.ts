// SPDX-License-Identifier: BSD-3-Clause
import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { UnicoreError } from '../../errors/index.js';
import { MINIMAL_ENVIRONMENT, runCommand } from '../../process/index.js';
import { fileIdentity } from '../file-identity.js';

interface Tool {
  readonly name: string;
  readonly versionArguments: readonly string[];
  readonly debianPackage: string;
}

/** The programs whose versions go into an image. */
const TOOLS: readonly Tool[] = [
  { name: 'make', versionArguments: ['--version'], debianPackage: 'make' },
  { name: 'gcc', versionArguments: ['-v'], debianPackage: 'gcc' },
  { name: 'as', versionArguments: ['--version'], debianPackage: 'binutils' },
  { name: 'ld', versionArguments: ['--version'], debianPackage: 'binutils' },
  { name: 'objcopy', versionArguments: ['--version'], debianPackage: 'binutils' },
];

/** Knows which compiler and binutils the build rules would find. A program is asked for its version once, and again when its file changed. */
export class Toolchain {
  readonly #versions = new Map<string, { readonly identity: string; readonly version: string }>();

  /**
   * SHA-256 over what the tools say of themselves.
   * @throws TOOLCHAIN_MISSING
   */
  async identity(): Promise<string> {
    const versions = await Promise.all(TOOLS.map((tool) => this.#version(tool)));
    return createHash('sha256').update(versions.join('\0')).digest('hex');
  }

  /** The compiler's name and version, as in `gcc 12.2.0 (Debian 12.2.0-14)`. @throws TOOLCHAIN_MISSING */
  async compiler(): Promise<string> {
    const said = await Promise.all(
      TOOLS.filter(({ name }) => name === 'gcc').map((tool) => this.#version(tool)),
    );
    const version = /^gcc version (.{1,200})$/m.exec(said.join())?.[1]?.trim();
    return version === undefined ? 'gcc' : `gcc ${version}`;
  }

  async #version(tool: Tool): Promise<string> {
    const { path, identity } = find(tool);
    const known = this.#versions.get(tool.name);
    if (known?.identity === identity) return known.version;
    const { stdout, stderr } = await runCommand(path, tool.versionArguments, {
      environment: { ...MINIMAL_ENVIRONMENT, LC_ALL: 'C' },
    });
    const version = `${tool.name}\n${stdout}${stderr}`;
    this.#versions.set(tool.name, { identity, version });
    return version;
  }
}

/** The program that a build would run. Synchronous, as these few calls take less than one turn of the thread pool. */
function find(tool: Tool): { readonly path: string; readonly identity: string } {
  const { PATH = '' } = MINIMAL_ENVIRONMENT;
  for (const folder of PATH.split(':')) {
    const path = join(folder, tool.name);
    const stats = statSync(path, { bigint: true, throwIfNoEntry: false });
    if (stats?.isFile() === true && (stats.mode & 0o111n) !== 0n) {
      return { path, identity: `${path} ${fileIdentity(stats)}` };
    }
  }
  throw new UnicoreError(
    'TOOLCHAIN_MISSING',
    `${tool.name} is not installed. On Debian: apt-get install ${tool.debianPackage}`,
  );
}
