// SPDX-License-Identifier: BSD-3-Clause
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { build, makeWorkspace, POOLS, type Workspace } from './build.js';
import { exitCodeOf, run } from './guest.js';

const TARGET = 'linuxu-x86_64';

let workspace: Workspace;
beforeAll(async () => {
  workspace = await makeWorkspace();
});
afterAll(() => workspace[Symbol.asyncDispose]());

/** An application whose constructors say their name, and their undos, too. */
async function runWith(name: string, constructors: string, main = 'return 7;') {
  const app = join(workspace.path, name);
  await mkdir(app);
  const files = {
    Makefile: `APP := ${name}\ninclude $(UC_POOLS)/support/unicore.mk\n`,
    'Makefile.uc': 'SRCS-y += main.c\n',
    Kconfig: 'config APPTEST\n\tbool "test"\n\tdefault y\n',
    defconfig: '',
    'main.c': `#include <uc/boot.h>
#include <uc/console.h>
#include <uc/init.h>
#define STEP(step, result, level, ...) \\
  static int step(void) { uc_console_print("+" #step "\\n"); return result; } \\
  static void undo_##step(void) { uc_console_print("-" #step "\\n"); } \\
  UC_INIT(level, step, .name = #step, .undo = undo_##step, ##__VA_ARGS__)
${constructors}
int main(int argc, char **argv)
{
  (void)argc;
  (void)argv;
  uc_console_print("main\\n");
  ${main}
}
`,
  };
  for (const [file, text] of Object.entries(files)) await writeFile(join(app, file), text);
  const out = join(app, 'build');
  await build({ app, out, args: [`UC_POOLS=${POOLS}`, `TARGETS=${TARGET}`] });
  return run(TARGET, join(out, `${name}_${TARGET}`));
}

it('run by level, then by name, and are undone in reverse', async () => {
  const end = await runWith(
    'order',
    `STEP(last, 0, UC_INIT_APP);
     STEP(third, 0, UC_INIT_CORE, .after = "nothing second such");
     STEP(second, 0, UC_INIT_CORE, .after = "first");
     STEP(first, 0, UC_INIT_CORE);
     STEP(early, 0, UC_INIT_EARLY, .after = "last");`,
  );
  const steps = ['early', 'first', 'second', 'third', 'last'];
  expect(end.console.trim().split('\n')).toEqual([
    ...steps.map((step) => `+${step}`),
    'main',
    ...steps.toReversed().map((step) => `-${step}`),
  ]);
  expect(exitCodeOf(TARGET, end)).toBe(7);
});

it('are undone too when the application shuts down from within', async () => {
  const end = await runWith('within', 'STEP(only, 0, UC_INIT_APP);', 'uc_shutdown(9);');
  expect(end.console).toBe('+only\nmain\n-only\n');
  expect(exitCodeOf(TARGET, end)).toBe(9);
});

it('that wait for each other are a panic that names them', async () => {
  const end = await runWith(
    'circle',
    `STEP(egg, 0, UC_INIT_CORE, .after = "hen");
     STEP(hen, 0, UC_INIT_CORE, .after = "egg");`,
  );
  expect(end.console).toMatch(
    /^uc: panic: constructors wait for each other: (egg after "hen"|hen after "egg")$/m,
  );
  expect(exitCodeOf(TARGET, end)).toBe(134);
});

it('that fail are a panic that says which, and with what', async () => {
  const end = await runWith('failure', 'STEP(disk, -5, UC_INIT_DEVICE);');
  expect(end.console).toContain('uc: panic: constructor of disk failed with error -5\n');
  expect(exitCodeOf(TARGET, end)).toBe(134);
});
