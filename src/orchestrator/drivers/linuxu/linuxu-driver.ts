// SPDX-License-Identifier: BSD-3-Clause
import { cpus, freemem, release, totalmem } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { UnicoreError, isUnicoreError } from '../../../errors/index.js';
import type {
  ConsoleChunk,
  ConsoleReading,
  DomainClaim,
  DomainObservation,
  DomainSpec,
  DomainStats,
  DriverCapabilities,
  DriverEvent,
  HostFacts,
  HypervisorDriver,
} from '../driver.js';
import { claimLine } from '../guest-command-line.js';
import { type CallsUnderWay, joinCall } from '../lifecycle-calls.js';
import { PayloadReader, PayloadWriter } from './frames.js';
import { LauncherLink } from './launcher-link.js';
import type { LauncherSettings } from './launcher-process.js';
import {
  decodeList,
  decodeRead,
  decodeStats,
  decodeStrangers,
  encodeCreate,
  REQUEST,
  SIGNAL,
  type ListPage,
} from './protocol.js';

const ARCHITECTURE = process.arch === 'x64' ? 'x86_64' : process.arch;
/** A process took 96 to 100 KiB of a machine with 10,000 of them: `script/bench density`. */
const OVERHEAD = { perGuest: 128 * 1024, perVcpu: 0 };

/** The launcher takes as many arguments, and as many bytes of them. */
const ARGUMENTS_MAX = 1024;
const ARGUMENT_BYTES_MAX = 65_535;
const ARGUMENTS_BYTES_MAX = 131_072;
const CONSOLE_READ_BYTES = 32_768;
/** A guest that takes no console input for this long is not going to. */
const INPUT_PATIENCE_MILLISECONDS = 5_000;
const INPUT_RETRY_MILLISECONDS = 20;

const CAPABILITIES: DriverCapabilities = {
  bootProtocols: ['linux-elf'],
  architectures: [ARCHITECTURE],
  platforms: ['linuxu'],
  pause: true,
  createPaused: true,
  park: true,
  gracefulShutdown: true,
  console: 'both',
  exitCode: true,
  stats: true,
};

/**
 * Unikernels as confined Linux processes. A launcher process (native/launcher) holds them, so that they outlive the daemon;
 * it is started when it is not there.
 */
export class LinuxuDriver implements HypervisorDriver {
  readonly kind = 'linuxu';
  readonly capabilities = CAPABILITIES;
  readonly createsAhead = true;
  readonly #link: LauncherLink;
  readonly #destroying: CallsUnderWay = new Map();

  constructor(settings: LauncherSettings) {
    this.#link = new LauncherLink(settings, () => this.#listOwn());
  }

  open(): Promise<void> {
    return this.#link.open();
  }

  close(): Promise<void> {
    this.#link.close();
    return Promise.resolve();
  }

  facts(): Promise<HostFacts> {
    return Promise.resolve({
      hypervisor: `Linux ${release()}`,
      memoryBytes: totalmem(),
      freeMemoryBytes: freemem(),
      cpus: cpus().length,
      overhead: OVERHEAD,
      onThisMachine: true,
      acceleration: 'process',
    });
  }

  async create(spec: DomainSpec, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    refuseWhatCannotRun(spec);
    const created = this.#link.request(REQUEST.create, encodeCreate(spec));
    if (signal === undefined) await created;
    else await Promise.race([created, aborted(signal, created)]);
  }

  destroy(id: string): Promise<void> {
    return joinCall(this.#destroying, id, () => this.#destroy(id));
  }

  async #destroy(id: string): Promise<void> {
    const removed = this.#link.untilRemoved(id);
    try {
      await this.#link.request(REQUEST.destroy, idPayload(id));
    } catch (error) {
      removed.forget();
      if (isUnicoreError(error, 'DOMAIN_NOT_FOUND') && !(await this.#isStranger(id))) return;
      throw error;
    }
    await removed.promise;
  }

  async #isStranger(id: string): Promise<boolean> {
    return (await this.#listStrangers()).some((stranger) => stranger.id === id);
  }

  shutdown(id: string): Promise<void> {
    return this.#signal(id, SIGNAL.shutdown);
  }

  pause(id: string): Promise<void> {
    return this.#signal(id, SIGNAL.pause);
  }

  resume(id: string): Promise<void> {
    return this.#signal(id, SIGNAL.resume);
  }

  async #signal(id: string, signal: number): Promise<void> {
    await this.#link.request(REQUEST.signal, new PayloadWriter().uuid(id).u8(signal).done());
  }

  async claim(id: string, claim: DomainClaim): Promise<void> {
    const line = claimLine(claim.args, claim.name);
    const request = new PayloadWriter().uuid(id).u32(line.byteLength).bytes(line).done();
    await this.#link.request(REQUEST.claim, request);
  }

  async list(): Promise<readonly DomainObservation[]> {
    const [own, strangers] = await Promise.all([this.#listOwn(), this.#listStrangers()]);
    return [...own, ...strangers];
  }

  #listOwn(): Promise<readonly DomainObservation[]> {
    return this.#pages(REQUEST.list, decodeList);
  }

  async #listStrangers(): Promise<readonly DomainObservation[]> {
    return decodeStrangers(await this.#link.request(REQUEST.strangers, Buffer.alloc(0)));
  }

  stats(): Promise<readonly DomainStats[]> {
    return this.#pages(REQUEST.stats, decodeStats);
  }

  async #pages<T>(type: number, decode: (payload: Buffer) => ListPage<T>): Promise<readonly T[]> {
    const items: T[] = [];
    let cursor = 0;
    do {
      const request = new PayloadWriter().u32(cursor).done();
      const page = decode(await this.#link.request(type, request));
      items.push(...page.items);
      cursor = page.next;
    } while (cursor !== 0);
    return items;
  }

  async *readConsole(
    id: string,
    fromOffset: number,
    { signal, follow = true }: ConsoleReading = {},
  ): AsyncGenerator<ConsoleChunk> {
    let offset = fromOffset;
    let seen = false;
    while (signal?.aborted !== true) {
      // Before the request: the notice may come in the same packet as the reply.
      const more = this.#link.untilOutput(id, signal);
      try {
        const reply = decodeRead(await this.#link.request(REQUEST.read, readPayload(id, offset)));
        seen = true;
        if (reply.data.length > 0) yield { offset: reply.offset, data: reply.data };
        if (reply.last) return;
        if (reply.data.length > 0) offset = reply.offset + reply.data.length;
        else if (follow) await more.promise;
        else return;
      } catch (error) {
        // Destroyed while we read: that is the end of its output.
        if (seen && isUnicoreError(error, 'DOMAIN_NOT_FOUND')) return;
        throw error;
      } finally {
        more.forget();
      }
    }
  }

  async writeConsole(id: string, data: Uint8Array): Promise<void> {
    let giveUp = performance.now() + INPUT_PATIENCE_MILLISECONDS;
    let at = 0;
    while (at < data.byteLength) {
      const piece = data.subarray(at, at + CONSOLE_READ_BYTES);
      const request = new PayloadWriter().uuid(id).u32(piece.byteLength).bytes(piece).done();
      const taken = new PayloadReader(await this.#link.request(REQUEST.write, request)).u32();
      at += taken;
      if (taken > 0) giveUp = performance.now() + INPUT_PATIENCE_MILLISECONDS;
      else if (performance.now() > giveUp) {
        throw new UnicoreError(
          'CONSOLE_UNAVAILABLE',
          `The guest does not read its console; ${at} of ${data.byteLength} bytes were written`,
        );
      }
      if (at < data.byteLength) await delay(INPUT_RETRY_MILLISECONDS);
    }
  }

  onEvent(listener: (event: DriverEvent) => void): () => void {
    return this.#link.onEvent(listener);
  }
}

function idPayload(id: string): Buffer {
  return new PayloadWriter().uuid(id).done();
}

function readPayload(id: string, offset: number): Buffer {
  return new PayloadWriter().uuid(id).u64(offset).u32(CONSOLE_READ_BYTES).done();
}

/** Rejects when the signal fires before `work` is done, whose own failure then has no one to hear it. */
function aborted(signal: AbortSignal, work: Promise<unknown>): Promise<never> {
  return new Promise((_, reject) => {
    const abort = () => {
      reject(signal.reason instanceof Error ? signal.reason : new Error(String(signal.reason)));
    };
    signal.addEventListener('abort', abort, { once: true });
    const done = () => signal.removeEventListener('abort', abort);
    work.then(done, done);
  });
}

/** @throws DRIVER_UNSUPPORTED for what no Linux process can be */
function refuseWhatCannotRun(spec: DomainSpec): void {
  const refuse = (why: string): never => {
    throw new UnicoreError('DRIVER_UNSUPPORTED', why);
  };
  const { manifest } = spec.image;
  if (!manifest.bootProtocols.includes('linux-elf')) refuse('The image is not a Linux executable');
  if (manifest.architecture !== ARCHITECTURE) {
    refuse(`The image is for ${manifest.architecture}; this machine is ${ARCHITECTURE}`);
  }
  if (spec.vcpus !== 1) refuse('A linuxu instance is one thread: ask for 1 vCPU');
  if (spec.args.length > ARGUMENTS_MAX) refuse(`At most ${ARGUMENTS_MAX} arguments can be given`);
  let bytes = 0;
  for (const argument of spec.args) {
    const length = Buffer.byteLength(argument);
    bytes += length + 1;
    if (argument.includes('\0')) refuse('An argument of a process cannot hold a NUL');
    if (length > ARGUMENT_BYTES_MAX || bytes > ARGUMENTS_BYTES_MAX) {
      refuse(`All arguments together may have ${ARGUMENTS_BYTES_MAX} bytes`);
    }
  }
}
