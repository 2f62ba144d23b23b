// SPDX-License-Identifier: BSD-3-Clause
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { expect } from 'vitest';
import { guestCommandLine } from '../../src/orchestrator/drivers/guest-command-line.js';
import { describeDriverContract, type DriverHarness } from './contract.js';
import { compileGuest } from './linuxu/guests.js';
import { LauncherBed, startStranger } from './linuxu/launcher.js';

async function makeHarness(variant: 'plain' | 'sanitized'): Promise<DriverHarness> {
  const bed = new LauncherBed(variant);
  const compile = (name: Parameters<typeof compileGuest>[1]) => compileGuest(bed.directory, name);
  const daemon = compile('daemon');
  return Promise.resolve({
    connect: () => bed.connect(),
    capabilities: {
      bootProtocols: ['linux-elf'],
      architectures: ['x86_64'],
      platforms: ['linuxu'],
      pause: true,
      createPaused: true,
      park: true,
      gracefulShutdown: true,
      console: 'both',
      exitCode: true,
      stats: true,
    },
    guests: {
      hello: { image: compile('hello'), args: [], output: 'Hello from a unikernel' },
      daemon: { image: daemon, args: [], output: 'daemon is up' },
      exit: { image: compile('failing'), args: [], code: 42 },
      crash: { image: compile('crash'), args: [] },
      echoArguments: {
        image: compile('arguments'),
        render: (args) => args.map((argument) => `<${argument}>\n`).join(''),
      },
      echoInput: { image: compile('echo'), args: [] },
      parking: {
        image: compile('parking'),
        render: (name, args) => `uc.name=${name} ${guestCommandLine(args)}\n`,
      },
      silent: { image: compile('silent'), args: [] },
    },
    memoryBytes: 4 << 20,
    endOfLineInArguments: 'kept',
    killBehindBack: (id) => {
      const process_ = bed.instances().find(({ instance }) => instance === id);
      process.kill(process_!.pid, 'SIGKILL');
      return Promise.resolve();
    },
    createStranger: async () => {
      const id = randomUUID();
      const child = startStranger(daemon.path, id);
      await once(child, 'spawn');
      return {
        id,
        alive: () => Promise.resolve(child.exitCode === null && child.signalCode === null),
        remove: async () => {
          const exit = once(child, 'exit');
          child.kill('SIGKILL');
          await exit;
        },
      };
    },
    concurrentCreates: 50,
    patienceMilliseconds: 20_000,
    close: async () => {
      expect(bed.instances()).toEqual([]);
      const log = bed.log();
      await bed.close();
      expect(log).toBe('');
    },
  });
}

describeDriverContract('linuxu', () => makeHarness('plain'));
describeDriverContract('linuxu with sanitizers', () => makeHarness('sanitized'));
