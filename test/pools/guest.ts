// SPDX-License-Identifier: BSD-3-Clause
import { spawn, type ChildProcess } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { onTestFailed, vi } from 'vitest';

/** How QEMU runs a guest. */
export interface Machine {
  /** `qemu-system-x86_64` unless given. */
  readonly program?: string;
  readonly machine: string;
  readonly memory?: string;
  readonly cpu?: string;
  readonly bios?: string;
  /** Where its first serial port leads; the guest's console unless given. */
  readonly serial?: string;
  /** More arguments for QEMU. */
  readonly args?: readonly string[];
}

export interface GuestEnd {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  /** All that it wrote on the console, with line feeds only. */
  readonly console: string;
}

/** A unikernel that runs, of one test, whose failure shows it. `await using` kills it if it has not ended. */
export class Guest implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #end: Promise<GuestEnd>;
  #console = '';
  #errors = '';

  constructor(file: string, args: readonly string[], environment: Record<string, string>) {
    // Descriptor 3 is for linuxu's readiness.
    this.#child = spawn(file, args, { env: environment, stdio: ['pipe', 'pipe', 'pipe', 'pipe'] });
    this.#child.stdout?.on('data', (chunk: Buffer) => {
      this.#console += chunk.toString('latin1').replaceAll('\r', '');
    });
    this.#child.stderr?.on('data', (chunk: Buffer) => {
      this.#errors += chunk.toString('latin1');
    });
    this.#end = new Promise((resolve, reject) => {
      this.#child.on('error', reject);
      this.#child.on('close', (exitCode, signal) => {
        resolve({ exitCode, signal, console: this.#console });
      });
    });
    onTestFailed(() => {
      const { exitCode, signalCode } = this.#child;
      const end = `exit status ${String(exitCode)}, signal ${String(signalCode)}`;
      process.stderr.write(`${file}: ${end}\n${this.#console}\nstandard error:\n${this.#errors}\n`);
    });
  }

  get pid(): number {
    if (this.#child.pid === undefined) throw new Error(`it did not start: ${this.#errors}`);
    return this.#child.pid;
  }

  get console(): string {
    return this.#console;
  }

  /** All that is told on descriptor 3, until it is closed: the bytes before the time, and the time. */
  async readiness(): Promise<{ readonly told: string; readonly nanoseconds: bigint }> {
    const chunks: Buffer[] = [];
    for await (const chunk of this.reports) chunks.push(chunk as Buffer);
    const bytes = Buffer.concat(chunks);
    const told = bytes.subarray(0, -8).toString('latin1');
    return { told, nanoseconds: bytes.readBigUInt64LE(told.length) };
  }

  write(text: string | Uint8Array): void {
    this.#child.stdin?.write(text);
  }

  /** What it writes on descriptor 3. */
  get reports(): NodeJS.ReadableStream {
    return this.#child.stdio[3] as NodeJS.ReadableStream;
  }

  endInput(): void {
    this.#child.stdin?.end();
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Waits until the console has a text. */
  async says(text: string | RegExp): Promise<void> {
    await vi.waitFor(
      () => {
        if (typeof text === 'string' ? this.#console.includes(text) : text.test(this.#console)) {
          return;
        }
        throw new Error(`the console lacks ${text}:\n${this.#console}${this.#errors}`);
      },
      { timeout: 60_000, interval: 5 },
    );
  }

  /** Waits for its end; kills it when it takes too long, a minute unless given. */
  async ends(timeoutMilliseconds = 60_000): Promise<GuestEnd> {
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), timeoutMilliseconds);
    try {
      return await this.#end;
    } finally {
      clearTimeout(timer);
    }
  }

  /** The CPU time that it has used, user and system, in clock ticks: proc(5), `stat` fields 14 and 15. */
  cpuTicks(): number {
    const stat = readFileSync(`/proc/${this.pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return Number(fields[11]) + Number(fields[12]);
  }

  /** How often its threads have gone to sleep until something wakes them: proc(5), `voluntary_ctxt_switches`. */
  wakeups(): number {
    const threads = `/proc/${this.pid}/task`;
    const counts = readdirSync(threads).map((thread) => {
      const status = readFileSync(`${threads}/${thread}/status`, 'latin1');
      return Number(/^voluntary_ctxt_switches:\s+(\d+)$/m.exec(status)?.[1] ?? NaN);
    });
    return counts.reduce((sum, count) => sum + count, 0);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#end.catch(() => undefined);
  }
}

/** Runs an image as a process. */
export function startProcess(
  image: string,
  args: readonly string[] = [],
  environment: Record<string, string> = {},
): Guest {
  return new Guest(image, args, environment);
}

/** Runs an image in QEMU, in software emulation: the same wherever the test runs. */
export function startQemu(image: string, machine: Machine, commandLine = ''): Guest {
  const args = ['-M', machine.machine, '-accel', 'tcg', '-m', machine.memory ?? '8M'];
  if (machine.cpu !== undefined) args.push('-cpu', machine.cpu);
  if (machine.bios !== undefined) args.push('-bios', machine.bios);
  args.push('-nodefaults', '-no-user-config', '-display', 'none', '-no-reboot');
  args.push('-serial', machine.serial ?? 'stdio');
  args.push('-kernel', image, '-append', commandLine, ...(machine.args ?? []));
  return new Guest(machine.program ?? 'qemu-system-x86_64', args, { PATH: process.env.PATH ?? '' });
}

/** What runs programs of other architectures. It has no seccomp. */
const EMULATORS: Readonly<Record<string, string>> = {
  'linuxu-arm': 'qemu-arm',
  'linuxu-arm64': 'qemu-aarch64',
};

/** The machine that a target's images run on, unless a test says otherwise. */
export const MACHINES = {
  'kvm-arm': { program: 'qemu-system-arm', machine: 'virt', cpu: 'cortex-a15' },
  'kvm-arm64': { program: 'qemu-system-aarch64', machine: 'virt', cpu: 'cortex-a57' },
  'kvm-x86_64': { machine: 'microvm' },
} as const satisfies Readonly<Record<string, Machine>>;

function isMachine(target: string): target is keyof typeof MACHINES {
  return Object.hasOwn(MACHINES, target);
}

/** Starts an image on a platform. */
export function start(target: string, image: string, args: readonly string[] = []): Guest {
  const emulator = EMULATORS[target];
  if (emulator !== undefined) {
    const environment = { PATH: process.env.PATH ?? '', UC_SECCOMP: 'optional' };
    return new Guest(emulator, [image, ...args], environment);
  }
  return isMachine(target)
    ? startQemu(image, MACHINES[target], args.join(' '))
    : startProcess(image, args);
}

/** Runs an image on a platform to its end. */
export async function run(
  target: string,
  image: string,
  args: readonly string[] = [],
): Promise<GuestEnd> {
  await using guest = start(target, image, args);
  return await guest.ends();
}

/** The exit code that a unikernel reported, whatever the platform. */
export function exitCodeOf(target: string, end: GuestEnd): number | null {
  if (!isMachine(target)) return end.signal === 'SIGABRT' ? 134 : end.exitCode;
  const line = /^uc: exit (\d+)\n$/m.exec(end.console);
  return line?.[1] === undefined ? null : Number(line[1]);
}
