// SPDX-License-Identifier: BSD-3-Clause
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DriverSession } from '../drivers/contract/session.js';
import { XenBed, xenHarness } from './bed.js';

let bed: XenBed;
let closeTunnel: () => Promise<void>;
let socket: string;
let sshCommand: string;
beforeAll(async () => {
  bed = await XenBed.start('pvh');
  // libvirt's own ssh knows neither our key nor the host's: a configuration of the user's would tell it.
  sshCommand = join(bed.folder, 'ssh-of-libvirt');
  const { options } = bed.sshTarget();
  const words = options.map((option) => `'${option}'`).join(' ');
  await writeFile(sshCommand, `#!/bin/sh\nexec ssh ${words} "$@"\n`, { mode: 0o700 });
  // The dom0's own socket, as a daemon that runs there has it.
  socket = join(bed.folder, 'libvirt-sock');
  closeTunnel = await bed.forward(socket, '/run/libvirt/libvirt-sock');
});
afterAll(async () => {
  await closeTunnel();
  await bed.stop();
});

test.each([
  ['xen+ssh', () => `xen+ssh://root@127.0.0.1/system?command=${sshCommand}`],
  ['the socket of xen:///system', () => `xen:///system?socket=${socket}`],
] as const)('%s: a guest lives, prints, is asked to end, and is gone', async (_name, uri) => {
  const connect = () => bed.connectLibvirt({ uri: uri() });
  const session = await DriverSession.open({ ...xenHarness(bed, 'pvh'), connect });
  try {
    const { daemon, exit } = bed.guests;
    const id = await session.start(daemon);
    await session.untilEvent(id, 'ready');
    expect(await session.output(id, (text) => text.includes(daemon.output))).toContain(
      daemon.output,
    );
    expect(await session.observe(id)).toMatchObject({ state: 'running', owned: true });
    await session.driver.shutdown(id);
    expect((await session.untilEnded(id)).reason).toBe('exited');
    const ends = await session.start(exit);
    expect(await session.untilEnded(ends)).toMatchObject({ exitCode: exit.code });
    await Promise.all([id, ends].map((each) => session.driver.destroy(each)));
    expect(await bed.succeed('xl list -v')).not.toMatch(new RegExp(`${id}|${ends}`));
  } finally {
    await session.end();
  }
});
