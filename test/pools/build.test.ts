// SPDX-License-Identifier: BSD-3-Clause
import { chmod, cp, mkdir, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  appFolder,
  build,
  choose,
  compiled,
  copyPools,
  linked,
  make,
  makeWorkspace,
  POOLS,
  TARGETS,
  type Workspace,
} from './build.js';
import { run } from './guest.js';

let workspace: Workspace;
beforeEach(async () => {
  workspace = await makeWorkspace();
});
afterEach(() => workspace[Symbol.asyncDispose]());

const inWorkspace = (...names: string[]): string => join(workspace.path, ...names);
const ALL_TARGETS = TARGETS.map(choose);
const LINUXU = 'CONFIG_TARGET_LINUXU_X86_64=y';
const TWO_TARGETS = [choose('kvm-x86_64'), LINUXU];

/** A copy of the pools that a test may change. */
async function ownPools(): Promise<string> {
  const copy = inWorkspace('pools');
  await copyPools(copy);
  return copy;
}

/** Makes a file newer than all that was built, without waiting for the clock. */
async function touch(file: string): Promise<void> {
  const soon = new Date(Date.now() + 2_000);
  await utimes(file, soon, soon);
}

describe('a build', () => {
  it('makes an image for each target that is chosen, and finds nothing to do the second time', async () => {
    const options = { app: appFolder('helloworld'), out: inWorkspace('out'), config: ALL_TARGETS };
    const first = await build(options);
    expect(linked(first)).toEqual(TARGETS.map((target) => `helloworld_${target}`));
    const second = await build(options);
    expect(second.stdout).not.toMatch(/^ {2}(CC|LINK)/m);
    for (const target of TARGETS) {
      expect(await readFile(inWorkspace('out', target, '.config'), 'utf8')).toContain(
        `CONFIG_PLAT_${target.split('-')[0]!.toUpperCase()}=y`,
      );
    }
  });

  it('keeps what one target needs out of the others', async () => {
    await build({ app: appFolder('helloworld'), out: inWorkspace('out'), config: TWO_TARGETS });
    const kvm = await readFile(inWorkspace('out/kvm-x86_64/.config'), 'utf8');
    expect(kvm).not.toMatch(/^CONFIG_.*LINUXU/m);
  });

  it('works from pools that are read-only, for an application outside of them', async () => {
    const pools = await ownPools();
    const app = inWorkspace('app');
    await cp(join(pools, 'app/helloworld'), app, { recursive: true });
    await runReadOnly(pools, async () => {
      const result = await build({
        app,
        out: inWorkspace('out'),
        config: [LINUXU],
        args: [`UC_POOLS=${pools}`],
      });
      expect(linked(result)).toEqual(['helloworld_linuxu-x86_64']);
    });
  });

  it('has the same bytes wherever it is built', async () => {
    const pools = await ownPools();
    const out = ['here', 'a/much-longer/place'].map((name) => inWorkspace(name));
    const app = 'helloworld';
    await build({ app: appFolder(app), out: out[0]!, config: ALL_TARGETS });
    await mkdir(inWorkspace('a/much-longer'), { recursive: true });
    await build({ app: join(pools, 'app', app), out: out[1]!, config: ALL_TARGETS });
    for (const target of TARGETS) {
      for (const suffix of ['', '.dbg', '.sizes']) {
        const [one, two] = await Promise.all(
          out.map((folder) => readFile(join(folder, `${app}_${target}${suffix}`))),
        );
        expect(one!.equals(two!), `${target}${suffix}`).toBe(true);
      }
    }
  });

  it('counts the bytes of each library', async () => {
    const out = inWorkspace('out');
    await build({ app: appFolder('helloworld'), out, config: [LINUXU] });
    const rows = (await readFile(join(out, 'helloworld_linuxu-x86_64.sizes'), 'utf8'))
      .trim()
      .split('\n')
      .map((line) => line.split('\t'));
    expect(rows[0]).toEqual(['library', 'code', 'constants', 'data', 'bss', 'total']);
    const [total] = rows.splice(-1);
    const libraries = rows.slice(1);
    expect(libraries.map((row) => row[0])).toContain('app/helloworld');
    for (let column = 1; column < 6; column++) {
      const sum = libraries.reduce((bytes, row) => bytes + Number(row[column]), 0);
      expect(sum).toBe(Number(total![column]));
    }
    // Code and constants are in the file, so they are no more than it.
    const bytes = (await stat(join(out, 'helloworld_linuxu-x86_64'))).size;
    expect(Number(total![1]) + Number(total![2])).toBeLessThan(bytes);
  });
});

/** Root may write to what is read-only: what counts is that nothing changed. */
async function runReadOnly(folder: string, action: () => Promise<void>): Promise<void> {
  const before = await listing(folder);
  await chmod(folder, 0o555);
  try {
    await action();
  } finally {
    await chmod(folder, 0o755);
  }
  expect(await listing(folder)).toEqual(before);
}

async function listing(folder: string): Promise<string[]> {
  return (await readdir(folder, { recursive: true })).sort();
}

describe('after a change', () => {
  const app = (): string => inWorkspace('pools/app/helloworld');
  const out = (): string => inWorkspace('out');
  const rebuild = (config: readonly string[] = [LINUXU]): ReturnType<typeof build> =>
    build({ app: app(), out: out(), config });

  beforeEach(async () => {
    await ownPools();
    await rebuild();
  });

  it('of an option of one library, what uses it is compiled again, and nothing else', async () => {
    const result = await rebuild([LINUXU, 'CONFIG_APPHELLOWORLD_GREETING="Good morning!"']);
    expect(compiled(result)).toEqual(['linuxu-x86_64 app/helloworld/main.c']);
    const more = await rebuild([LINUXU, 'CONFIG_LINUXU_MEMORY=8']);
    expect(compiled(more)).toEqual([
      'linuxu-x86_64 app/helloworld/main.c',
      'linuxu-x86_64 plat/linuxu/memory.c',
    ]);
  });

  it('that adds a source by an option, it alone is compiled besides', async () => {
    const result = await rebuild([LINUXU, 'CONFIG_LIBPANIC_SYMBOLS=y']);
    expect(compiled(result)).toEqual([
      'linuxu-x86_64 lib/panic/panic.c',
      'linuxu-x86_64 lib/panic/symbols.c',
    ]);
  });

  it('that selects one more library, only that is compiled', async () => {
    const result = await rebuild([LINUXU, 'CONFIG_LIBTIME=y']);
    expect(compiled(result).length).toBeGreaterThan(0);
    expect(compiled(result).filter((step) => !/ lib\/(time\/|libc\/.*clock)/.test(step))).toEqual(
      [],
    );
  });

  it('of comments in the configuration, nothing is done', async () => {
    const result = await rebuild(['# a comment', LINUXU, '# another']);
    expect(result.stdout).not.toMatch(/^ {2}(CC|LINK)/m);
  });

  it('of a source, it is compiled again', async () => {
    await touch(inWorkspace('pools/lib/console/print.c'));
    expect(compiled(await rebuild())).toEqual(['linuxu-x86_64 lib/console/print.c']);
  });

  it('of a header, all that include it are compiled again', async () => {
    await touch(inWorkspace('pools/lib/panic/panic.h'));
    expect(compiled(await rebuild())).toEqual([
      'linuxu-x86_64 lib/panic/backtrace.c',
      'linuxu-x86_64 lib/panic/format.c',
      'linuxu-x86_64 lib/panic/panic.c',
    ]);
  });

  it('of exports, only the link is done again', async () => {
    await touch(inWorkspace('pools/lib/console/exports'));
    const result = await rebuild();
    expect(compiled(result)).toEqual([]);
    expect(linked(result)).toEqual(['helloworld_linuxu-x86_64']);
  });

  it('that takes a header away, those that included it are compiled and fail', async () => {
    await rm(inWorkspace('pools/lib/panic/panic.h'));
    const result = await make({ app: app(), out: out(), config: [LINUXU] });
    expect(result.exitCode).not.toBe(0);
    expect(result.stderr).toMatch(/panic\.h: No such file/);
  });

  it('that adds a library folder, it can be selected', async () => {
    const folder = inWorkspace('pools/lib/fresh');
    await cp(inWorkspace('pools/lib/console'), folder, { recursive: true });
    await writeFile(join(folder, 'Kconfig'), 'config LIBFRESH\n\tbool "fresh"\n');
    await writeFile(join(folder, 'Makefile.uc'), 'SRCS-y += fresh.c\n');
    await writeFile(join(folder, 'fresh.c'), 'int fresh;\n');
    await rm(join(folder, 'include'), { recursive: true });
    const result = await rebuild([LINUXU, 'CONFIG_LIBFRESH=y']);
    expect(compiled(result)).toEqual(['linuxu-x86_64 lib/fresh/fresh.c']);
  });
});

it('text in the configuration is text: make and the shell do not read it', async () => {
  const trap = inWorkspace('trap');
  const text = `$(shell touch ${trap}) \`touch ${trap}\` $\{x} # % 'quoted' \\"twice\\" &;<>`;
  const out = inWorkspace('out');
  await build({
    app: appFolder('helloworld'),
    out,
    config: [LINUXU, `CONFIG_APPHELLOWORLD_GREETING="${text}"`],
  });
  const end = await run('linuxu-x86_64', join(out, 'helloworld_linuxu-x86_64'));
  expect(end.console).toBe(`${text.replaceAll('\\', '')}\n`);
  await expect(stat(trap)).rejects.toThrow();
});

it('clean removes a build folder, and no folder with sources', async () => {
  const app = inWorkspace('app');
  await cp(appFolder('helloworld'), app, { recursive: true });
  const options = { app, config: [LINUXU], args: [`UC_POOLS=${POOLS}`] };
  await build({ ...options, out: app });
  expect((await make({ ...options, out: app, args: ['clean'] })).exitCode).not.toBe(0);
  expect((await stat(join(app, 'main.c'))).isFile()).toBe(true);
  const out = inWorkspace('out');
  await build({ ...options, out });
  await build({ ...options, out, args: [...options.args, 'clean'] });
  await expect(stat(out)).rejects.toThrow();
});

describe('what is wrong', () => {
  const helloworld = appFolder('helloworld');

  it('in one target does not hide the others', async () => {
    const pools = await ownPools();
    await writeFile(join(pools, 'lib/x86_pc/pit.c'), 'this is no C\n');
    const result = await make({
      app: join(pools, 'app/helloworld'),
      out: inWorkspace('out'),
      config: TWO_TARGETS,
    });
    expect(result.exitCode).not.toBe(0);
    expect(result.stderr).toContain('pit.c');
    expect(linked(result)).toEqual(['helloworld_linuxu-x86_64']);
  });

  it('a missing compiler is an error of its target only, until it is there', async () => {
    const options = {
      app: helloworld,
      out: inWorkspace('out'),
      config: [LINUXU, choose('linuxu-arm64')],
    };
    const without = await make({ ...options, args: ['CROSS_COMPILE_arm64=/nowhere/arm64-'] });
    expect(without.exitCode).not.toBe(0);
    expect(without.stderr).toContain(
      'error: linuxu-arm64 needs /nowhere/arm64-gcc: on Debian apt-get install gcc-aarch64-linux-gnu',
    );
    expect(linked(without)).toEqual(['helloworld_linuxu-x86_64']);
    expect(linked(await build(options))).toEqual(['helloworld_linuxu-arm64']);
  });

  it('a symbol that cannot be had is told with the chain of reasons, before compiling', async () => {
    const result = await make({
      app: helloworld,
      out: inWorkspace('out'),
      config: [LINUXU, 'CONFIG_LIBALLOC_REGION=y', 'CONFIG_KVM_ACPI=y', 'CONFIG_NO_SUCH=y'],
    });
    expect(result.stderr.split('\n').filter((line) => line.startsWith('warning:'))).toEqual([
      'warning: LIBALLOC_REGION is asked to be y, but is n: it needs LIBALLOC, which is off',
      'warning: KVM_ACPI is asked to be y, but is n: it needs PLAT_KVM, which is off',
      'warning: NO_SUCH is asked for, but there is no such symbol',
    ]);
    expect(result.exitCode).toBe(0);
  });

  it('a value out of range is told', async () => {
    const result = await make({
      app: helloworld,
      out: inWorkspace('out'),
      config: [LINUXU, 'CONFIG_LINUXU_MEMORY=0'],
    });
    expect(result.stderr).toContain('warning: LINUXU_MEMORY is asked to be 0, but is 64');
  });

  it.each([
    ['no target', [], [], 'error: no target is chosen'],
    [
      'an unknown target',
      [],
      ['TARGETS=toaster-x86_64'],
      'error: there is no target toaster-x86_64',
    ],
    ['no boot entry', [LINUXU, '# CONFIG_LIBBOOT is not set'], [], 'error: nothing provides boot'],
  ])('%s is an error before compiling', async (_name, config, args, message) => {
    const result = await make({ app: helloworld, out: inWorkspace('out'), config, args });
    expect(result.exitCode).not.toBe(0);
    expect(result.stderr).toContain(message);
    expect(compiled(result)).toEqual([]);
  });

  it('two providers of one thing are an error that names both', async () => {
    const libraries = inWorkspace('more');
    const other = join(libraries, 'otherlibc');
    await cp(join(POOLS, 'lib/console'), other, { recursive: true });
    await writeFile(join(other, 'Kconfig'), 'config LIBOTHERLIBC\n\tbool "other"\n');
    await writeFile(join(other, 'Makefile.uc'), 'PROVIDES-y += libc\n');
    const result = await make({
      app: helloworld,
      out: inWorkspace('out'),
      config: [LINUXU, 'CONFIG_LIBOTHERLIBC=y'],
      args: [`UC_LIBS=${libraries}`],
    });
    expect(result.exitCode).not.toBe(0);
    expect(result.stderr).toContain('error: lib/libc lib/otherlibc all provide libc');
    expect(compiled(result)).toEqual([]);
  });

  it('a select whose dependencies are not met is an error that names both', async () => {
    const libraries = inWorkspace('more');
    const folder = join(libraries, 'greedy');
    await cp(join(POOLS, 'lib/console'), folder, { recursive: true });
    await writeFile(
      join(folder, 'Kconfig'),
      'config LIBGREEDY\n\tbool "greedy"\n\tselect LIBALLOC_REGION\n',
    );
    await writeFile(join(folder, 'Makefile.uc'), '');
    const result = await make({
      app: helloworld,
      out: inWorkspace('out'),
      config: [LINUXU, 'CONFIG_LIBGREEDY=y'],
      args: [`UC_LIBS=${libraries}`],
    });
    expect(result.exitCode).not.toBe(0);
    expect(result.stderr).toMatch(/error: .*LIBGREEDY.* selects LIBALLOC_REGION, which needs/);
  });

  it.each([
    [
      'uc_malloc',
      'error: app/helloworld needs uc_malloc, which lib/alloc exports: select LIBALLOC',
    ],
    ['no_such_thing', 'error: app/helloworld needs no_such_thing, which no library exports'],
    [
      'show',
      'error: app/helloworld needs show, which no library exports',
      // It is a function of arch/x86_64, which does not export it.
    ],
  ])('a missing symbol is told with the library that needs it: %s', async (symbol, message) => {
    const app = inWorkspace('app');
    await cp(helloworld, app, { recursive: true });
    await writeFile(
      join(app, 'main.c'),
      `void ${symbol}(void);\nint main(void)\n{\n\t${symbol}();\n\treturn 0;\n}\n`,
    );
    const result = await make({
      app,
      out: inWorkspace('out'),
      config: [LINUXU],
      args: [`UC_POOLS=${POOLS}`],
    });
    expect(result.exitCode).not.toBe(0);
    expect(result.stderr).toContain(message);
  });
});
