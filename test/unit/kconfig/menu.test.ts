// SPDX-License-Identifier: BSD-3-Clause
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { MenuEntry } from '../../../src/build/menu.js';
import { InProcessKconfigEngine } from '../../../src/build/kconfig/index.js';

const TREE = `mainmenu "Things"
config HIDDEN
	def_bool y
menu "Network"
config NET
	bool "Network"
	help
	  Talks to others.
config PORT
	int "Port"
	depends on NET
	range 1 100 if NET
	default 80
config MASK
	hex "Mask"
	range 0x0 0xff
	default 0x10
config NAME
	string "Name"
	depends on !NET
endmenu
comment "Beware"
choice
	prompt "Speed"
	default SLOW
config FAST
	bool "fast"
config SLOW
	bool "slow"
config FASTEST
	bool "fastest"
	depends on !NET
endchoice
config SERVER
	bool "Server"
	select NET
`;

let folder: string;
const engine = new InProcessKconfigEngine();
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kconfig-menu-'));
  await writeFile(join(folder, 'Kconfig'), TREE);
});
afterAll(() => rm(folder, { recursive: true }));

const menuOf = (config: string) =>
  engine.menu({ root: join(folder, 'Kconfig'), environment: {}, config });

function all(entries: readonly MenuEntry[]): readonly MenuEntry[] {
  return entries.flatMap((entry) => [entry, ...all(entry.entries)]);
}

async function find(config: string, symbol: string): Promise<MenuEntry | undefined> {
  return all((await menuOf(config)).entries).find((entry) => entry.symbol === symbol);
}

it('shows what has a prompt, in its order and nesting', async () => {
  const { title, entries } = await menuOf('');
  expect(title).toBe('Things');
  expect(entries.map(({ kind, prompt }) => [kind, prompt])).toEqual([
    ['menu', 'Network'],
    ['comment', 'Beware'],
    ['choice', 'Speed'],
    ['config', 'Server'],
  ]);
  const [network, beware, speed] = entries;
  expect(all(network?.entries ?? []).map(({ symbol }) => symbol)).toEqual([
    ...['NET', 'PORT', 'MASK', 'NAME'],
  ]);
  expect(speed?.entries.map(({ symbol }) => symbol)).toEqual(['FAST', 'SLOW', 'FASTEST']);
  expect(beware).toMatchObject({ symbol: null, type: null, value: null, allowed: null });
});

it('tells what a form needs of each type', async () => {
  expect(await find('', 'NET')).toMatchObject({
    ...{ kind: 'config', type: 'bool', help: 'Talks to others.', visible: true, value: 'n' },
    ...{ default: 'n', allowed: ['n', 'y'], range: null, chosen: false, dependsOn: null },
  });
  expect(await find('', 'PORT')).toMatchObject({ visible: false, dependsOn: 'NET' });
  expect(await find('CONFIG_NET=y\nCONFIG_PORT=90\n', 'PORT')).toMatchObject({
    ...{ type: 'int', visible: true, value: '90', default: '80', chosen: true },
    ...{ allowed: null, range: { low: '1', high: '100' } },
  });
  expect(await find('', 'MASK')).toMatchObject({
    type: 'hex',
    range: { low: '0x0', high: '0xff' },
  });
  expect(await find('CONFIG_NAME="a"\n', 'NAME')).toMatchObject({ type: 'string', value: 'a' });
});

it('tells of a choice who can be chosen, and who is', async () => {
  const speed = async (config: string) => (await menuOf(config)).entries[2];
  const common = { kind: 'choice', symbol: null, type: 'bool', default: 'SLOW' };
  expect(await speed('')).toMatchObject({
    ...{ ...common, value: 'SLOW', allowed: ['FAST', 'SLOW', 'FASTEST'], chosen: false },
  });
  expect(await speed('CONFIG_FAST=y\nCONFIG_NET=y\n')).toMatchObject({
    ...{ ...common, value: 'FAST', allowed: ['FAST', 'SLOW'], chosen: true, selectedBy: [] },
  });
});

it('names who forces a symbol, and lets it be set to nothing less', async () => {
  expect(await find('CONFIG_SERVER=y\n# CONFIG_NET is not set\n', 'NET')).toMatchObject({
    ...{ value: 'y', allowed: ['y'], selectedBy: ['SERVER'] },
  });
});

it('gives what differs from the defaults, which gives the same menu again', async () => {
  const config = 'CONFIG_FAST=y\nCONFIG_NET=y\nCONFIG_PORT=7\nCONFIG_MASK=0x10\n';
  const { defconfig, entries } = await menuOf(config);
  expect(defconfig).toBe('CONFIG_NET=y\nCONFIG_PORT=7\nCONFIG_FAST=y\n');
  const values = (list: readonly MenuEntry[]) =>
    all(list).map(({ symbol, value }) => [symbol, value]);
  expect(values((await menuOf(defconfig)).entries)).toEqual(values(entries));
});
