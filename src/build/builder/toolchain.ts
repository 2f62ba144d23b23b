// SPDX-License-Identifier: BSD-3-Clause
import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { isUnicoreError, UnicoreError } from '../../errors/index.js';
import { MINIMAL_ENVIRONMENT, runCommand } from '../../process/index.js';
import { fileIdentity } from '../file-identity.js';
import { toolsFor, type Tool } from './tools.js';

export interface ToolchainOptions {
  /** What a build has as PATH. */
  readonly searchPath?: string;
  /** How long an identity is taken to hold without another look: a look is some twenty calls of the system. 0 if not given. */
  readonly identityMilliseconds?: number;
}

/** Knows which compiler and binutils the build rules would find. A program is asked for its version once, and again when its file changed. */
export class Toolchain {
  readonly #searchPath: string;
  readonly #identityMilliseconds: number;
  readonly #versions = new Map<string, { readonly identity: string; readonly version: string }>();
  readonly #identities = new Map<string, { readonly until: number; readonly identity: string }>();

  constructor(options: ToolchainOptions = {}) {
    this.#searchPath = options.searchPath ?? MINIMAL_ENVIRONMENT.PATH ?? '';
    this.#identityMilliseconds = options.identityMilliseconds ?? 0;
  }

  /**
   * SHA-256 over what the tools for an architecture say of themselves. One that is missing says nothing: it is an error of
   * the build that needs it, see `require`.
   */
  async identity(architecture: string): Promise<string> {
    const known = this.#identities.get(architecture);
    if (known !== undefined && performance.now() < known.until) return known.identity;
    const until = performance.now() + this.#identityMilliseconds;
    const identity = await this.#identify(architecture);
    this.#identities.set(architecture, { until, identity });
    return identity;
  }

  async #identify(architecture: string): Promise<string> {
    const versions = await Promise.all(
      toolsFor(architecture).map((tool) =>
        this.#version(tool).catch((error: unknown) => {
          if (isUnicoreError(error, 'TOOLCHAIN_MISSING')) return `${tool.name} is missing`;
          throw error;
        }),
      ),
    );
    return createHash('sha256').update(versions.join('\0')).digest('hex');
  }

  /** Makes sure that all tools for an architecture are there. @throws TOOLCHAIN_MISSING, naming the package */
  require(architecture: string): void {
    for (const tool of toolsFor(architecture)) this.#find(tool);
  }

  /** The compiler's name and version, as in `gcc 12.2.0 (Debian 12.2.0-14)`. @throws TOOLCHAIN_MISSING */
  async compiler(architecture: string): Promise<string> {
    const said = await Promise.all(
      toolsFor(architecture)
        .filter(({ name }) => name.endsWith('gcc'))
        .map((tool) => this.#version(tool)),
    );
    const version = /^gcc version (.{1,200})$/m.exec(said.join())?.[1]?.trim();
    return version === undefined ? 'gcc' : `gcc ${version}`;
  }

  async #version(tool: Tool): Promise<string> {
    const { path, identity } = this.#find(tool);
    const known = this.#versions.get(tool.name);
    if (known?.identity === identity) return known.version;
    const { stdout, stderr } = await runCommand(path, tool.versionArguments, {
      environment: { ...MINIMAL_ENVIRONMENT, LC_ALL: 'C' },
    });
    const version = `${tool.name}\n${stdout}${stderr}`;
    this.#versions.set(tool.name, { identity, version });
    return version;
  }

  /** The program that a build would run. Synchronous, as these few calls take less than one turn of the thread pool. */
  #find(tool: Tool): { readonly path: string; readonly identity: string } {
    for (const folder of this.#searchPath.split(':')) {
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
}
