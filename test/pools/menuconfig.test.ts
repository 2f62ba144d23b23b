// SPDX-License-Identifier: BSD-3-Clause
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { inTerminal, KEYS } from '../support/terminal.js';
import { appFolder, build, makeWorkspace } from './build.js';
import { run } from './guest.js';

it('make menuconfig: what is typed into the menu is what is built', async () => {
  await using workspace = await makeWorkspace();
  const app = appFolder('helloworld');
  const config = join(workspace.path, 'chosen.config');
  const out = join(workspace.path, 'build');
  const { exitCode, screen } = await inTerminal(
    `make -C ${app} O=${out} UC_CONFIG=${config} menuconfig`,
    [
      ['Build options', KEYS.enter],
      ['What it says', KEYS.down + KEYS.enter],
      ['Please enter a string value', `" Again"${KEYS.enter}`],
      ['" Again"', KEYS.leave],
      ['Build options', KEYS.leave],
      ['Do you wish to save', KEYS.enter],
    ],
    {},
  );
  expect(exitCode, screen).toBe(0);
  expect(await readFile(config, 'utf8')).toContain(
    'CONFIG_APPHELLOWORLD_GREETING="Hello, world!\\" Again\\""\n',
  );
  await build({ app, out, args: [`UC_CONFIG=${config}`, 'TARGETS=linuxu-x86_64'] });
  const end = await run('linuxu-x86_64', join(out, 'helloworld_linuxu-x86_64'));
  expect(end.console).toBe('Hello, world!" Again"\n');
});
