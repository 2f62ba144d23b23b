// SPDX-License-Identifier: BSD-3-Clause
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { appFolder, build, make, makeWorkspace, type Workspace } from './build.js';

let workspace: Workspace;
beforeAll(async () => {
  workspace = await makeWorkspace();
});
afterAll(() => workspace[Symbol.asyncDispose]());

const optionsOf = (...args: readonly string[]) => ({
  app: appFolder('helloworld'),
  out: join(workspace.path, 'out'),
  config: [
    'CONFIG_TARGET_LINUXU_X86_64=y',
    'CONFIG_TARGET_KVM_X86_64=y',
    'CONFIG_LIBTIME=y',
    'CONFIG_LINUXU_MEMORY=8',
  ],
  args: ['-s', ...args],
});

async function explained(symbol: string): Promise<string> {
  return (await build(optionsOf('explain', `SYMBOL=${symbol}`))).stdout;
}

it('says by what a symbol is selected, in each target', async () => {
  const text = await explained('LIBLIBC');
  expect(text).toMatch(/^linuxu-x86_64: LIBLIBC=y\n {2}selected by (.* )?APPHELLOWORLD/m);
  expect(text).toMatch(/^kvm-x86_64: LIBLIBC=y$/m);
});

it('says what the user chose, and what is a default', async () => {
  expect(await explained('CONFIG_LIBTIME')).toContain('  chosen in the configuration\n');
  expect(await explained('STACK_SIZE')).toContain('STACK_SIZE=65536\n  default 65536\n');
});

it('says what would turn a symbol on', async () => {
  expect(await explained('LIBALLOC_BUDDY')).toContain(
    '  to turn it on: it needs LIBALLOC, which is off\n',
  );
  expect(await explained('LIBPANIC_SYMBOLS')).toContain('set CONFIG_LIBPANIC_SYMBOLS=y');
  const memory = await explained('LINUXU_MEMORY');
  expect(memory).toMatch(/linuxu-x86_64: LINUXU_MEMORY=8\n {2}chosen/);
  expect(memory).toMatch(/kvm-x86_64: LINUXU_MEMORY=n\n(.*\n)* {2}to turn it on: it needs /);
});

it('refuses what is no symbol', async () => {
  const unknown = await make(optionsOf('explain', 'SYMBOL=NO_SUCH'));
  expect(unknown.exitCode).not.toBe(0);
  expect(unknown.stdout).toContain('there is no symbol NO_SUCH');
  const nothing = await make(optionsOf('explain'));
  expect(nothing.exitCode).not.toBe(0);
  expect(nothing.stderr).toContain('name a symbol');
});

it('draws the libraries and why they are there, the same each time, and builds nothing', async () => {
  const { stdout } = await build(optionsOf('graph'));
  expect(stdout).not.toContain('  CC ');
  const dot = join(workspace.path, 'out', 'helloworld_linuxu-x86_64.dot');
  const text = await readFile(dot, 'utf8');
  expect(text).toMatch(/"lib\/time" \[label="lib\/time\\nchosen"\];/);
  expect(text).toContain('"app/helloworld" -> "lib/libc" [label="APPHELLOWORLD"];');
  expect(text).not.toContain('lib/alloc_buddy');
  const svg = await readFile(dot.replace(/dot$/, 'svg'), 'utf8');
  expect(svg).toContain('>app/helloworld</text>');
  await build(optionsOf('graph'));
  expect(await readFile(dot, 'utf8')).toBe(text);
  expect(await readFile(dot.replace(/dot$/, 'svg'), 'utf8')).toBe(svg);
});
