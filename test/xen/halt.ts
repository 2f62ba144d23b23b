// SPDX-License-Identifier: BSD-3-Clause
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { XenBed } from './bed.js';
import type { Gate } from './gate.js';

const SOURCE = fileURLToPath(new URL('halt/halt.c', import.meta.url));
const LIBRARY = '/usr/local/lib/halt.so';
/** As in `halt.c`. */
const PLACE = '/run/test-halt';
const HELD = `${PLACE}.held`;

/** In the midst of what `xl create` or libvirtd does: a call of theirs to libxenctrl (`xc_`) or libxenstore (`xs_`). */
export interface HaltPlace {
  readonly when: 'before' | 'after';
  readonly function:
    'xc_domain_create' | 'xs_introduce_domain' | 'xc_domain_unpause' | 'xc_domain_destroy';
}

/** Stops a process of dom0's toolstack at exact places. */
export class Halt implements Gate<HaltPlace> {
  readonly #bed: XenBed;

  private constructor(bed: XenBed) {
    this.#bed = bed;
  }

  /** Programs that dom0 starts from now on can be stopped, and libvirtd, which is started anew. */
  static async install(bed: XenBed): Promise<Halt> {
    const library = join(bed.folder, 'halt.so');
    execFileSync('gcc', ['-shared', '-fPIC', '-O2', '-o', library, SOURCE]);
    await bed.host.put(library, LIBRARY);
    await bed.succeed(`echo ${LIBRARY} >/etc/ld.so.preload`);
    await bed.killLibvirtd();
    await bed.startLibvirtd();
    return new Halt(bed);
  }

  async close({ when, function: name }: HaltPlace): Promise<void> {
    await this.#bed.succeed(`printf '%s\\n' '${when} ${name}' >${PLACE}`);
  }

  async reached(): Promise<void> {
    await this.#bed.succeed(`until [ -e ${HELD} ]; do sleep 0.3; done`);
  }

  async open(): Promise<void> {
    await this.#signal('CONT');
  }

  /** What was stopped goes on no more. */
  async kill(): Promise<void> {
    await this.#signal('KILL', 'while kill -0 $pid 2>/dev/null; do sleep 0.1; done');
  }

  /** Somebody has ended what was stopped. */
  async ended(): Promise<void> {
    await this.#bed.succeed(
      `while kill -0 $(cat ${HELD}) 2>/dev/null; do sleep 0.3; done; rm ${HELD}`,
    );
  }

  async #signal(name: 'CONT' | 'KILL', afterwards = ':'): Promise<void> {
    await this.#bed.succeed(`pid=$(cat ${HELD}); rm ${HELD}; kill -${name} $pid; ${afterwards}`);
  }
}
