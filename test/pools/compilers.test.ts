// SPDX-License-Identifier: BSD-3-Clause
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { MINIMAL_ENVIRONMENT } from '../../src/process/index.js';
import { appFolder, build, choose, compiled, makeWorkspace } from './build.js';

it('another cross compiler compiles all of its targets anew, and nothing of others', async () => {
  await using workspace = await makeWorkspace();
  const folder = join(workspace.path, 'bin');
  await mkdir(folder);
  /** The real one, that says another version. */
  const install = async (version: string): Promise<void> => {
    const name = 'arm-linux-gnueabihf-gcc';
    const text = `#!/bin/sh\n[ "$1" != -v ] || echo 'gcc version ${version}' >&2\nexec /usr/bin/${name} "$@"\n`;
    await writeFile(join(folder, 'new'), text, { mode: 0o755 });
    await rename(join(folder, 'new'), join(folder, name));
  };
  let builds = 0;
  const buildAnew = async (): Promise<readonly string[]> => {
    builds += 1;
    const result = await build({
      app: appFolder('helloworld'),
      out: join(workspace.path, `out-${builds}`),
      config: [choose('linuxu-arm'), choose('linuxu-x86_64')],
      args: [`UC_CACHE=${join(workspace.path, 'cache')}`],
      environment: { PATH: `${folder}:${MINIMAL_ENVIRONMENT.PATH ?? ''}` },
    });
    return compiled(result);
  };
  await install('1.0');
  const first = await buildAnew();
  expect(await buildAnew()).toEqual([]);
  await install('1.1');
  const ofArm = first.filter((step) => step.startsWith('linuxu-arm '));
  expect(ofArm.length).toBeGreaterThan(5);
  expect(await buildAnew()).toEqual(ofArm);
});
