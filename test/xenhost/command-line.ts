// SPDX-License-Identifier: BSD-3-Clause
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { XENSTORE_DAEMONS, XenHost } from './xen-host.ts';

const RUN_FOLDER = resolve(import.meta.dirname, '../../.cache/xenhost-run');

const USAGE = `usage: script/xenhost COMMAND
A real Xen host in QEMU, for developers.
  up             start it, building it first where needed
  prepare        build all that the tests start from, and start nothing
  ssh [COMMAND]  a shell, or one command, in dom0
  console        the host's serial console (end with Ctrl-O)
  reset          back to the snapshot: no guests
  status         whether it runs, and its addresses
  down           end it
`;

async function passThrough(file: string, args: readonly string[]): Promise<number> {
  const child = spawn(file, args, { stdio: 'inherit' });
  const [code] = (await once(child, 'exit')) as [number | null];
  return code ?? 1;
}

function describe(host: XenHost): string {
  return `the Xen host runs
  ssh:     script/xenhost ssh
  libvirt: ${host.libvirtUri}
  console: ${host.consoleLog}
`;
}

/** In a folder of its own: a host may run in the usual one. Whoever ends this ends the host that boots for it, too. */
async function prepare(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'uc-xenhost-'));
  const end = (): void => {
    void XenHost.find(folder)
      .then((host) => host?.stop())
      .finally(() => process.exit(1));
  };
  process.once('SIGINT', end).once('SIGTERM', end);
  try {
    for (const store of XENSTORE_DAEMONS) await XenHost.prepare(folder, { store });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function main(command: string | undefined, rest: readonly string[]): Promise<number> {
  if (command === undefined || command === '--help' || command === '-h') {
    process.stdout.write(USAGE);
    return command === undefined ? 2 : 0;
  }
  if (command === 'prepare') {
    await prepare();
    return 0;
  }
  const running = await XenHost.find(RUN_FOLDER);
  if (command === 'up') {
    process.stdout.write(describe(running ?? (await XenHost.start(RUN_FOLDER))));
    return 0;
  }
  if (running === null) {
    process.stderr.write("xenhost: it does not run; start it with 'script/xenhost up'\n");
    return command === 'down' ? 0 : 1;
  }
  switch (command) {
    case 'ssh':
      return passThrough('ssh', [...running.sshArguments, ...rest]);
    case 'console':
      return passThrough('socat', [
        '-,raw,echo=0,escape=0x0f',
        `UNIX-CONNECT:${running.consoleSocket}`,
      ]);
    case 'reset':
      await running.reset();
      return 0;
    case 'status':
      process.stdout.write(describe(running));
      return 0;
    case 'down':
      await running.stop();
      return 0;
    default:
      process.stderr.write(`xenhost: unknown command '${command}'\n${USAGE}`);
      return 2;
  }
}

const [, , command, ...rest] = process.argv;
process.exitCode = await main(command, rest);
