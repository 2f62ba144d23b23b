// SPDX-License-Identifier: BSD-3-Clause
import { cp, mkdir, readdir, readFile, rm, truncate, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  build,
  compiled,
  copyPools,
  linked,
  make,
  makeWorkspace,
  type Workspace,
} from './build.js';

const LINUXU = 'CONFIG_TARGET_LINUXU_X86_64=y';
const KVM = 'CONFIG_TARGET_KVM_X86_64=y';

describe('a cache of objects', () => {
  let warm: Workspace;
  let workspace: Workspace;
  let folders = 0;
  /** What the cache was filled with. */
  let known: readonly string[];

  /** Pools that a test may change, and a cache that knows helloworld for linuxu. */
  beforeAll(async () => {
    warm = await makeWorkspace();
    await copyPools(join(warm.path, 'pools'));
    const first = await build({
      app: join(warm.path, 'pools/app/helloworld'),
      out: join(warm.path, 'out-0'),
      config: [LINUXU],
      args: [`UC_CACHE=${join(warm.path, 'cache')}`],
    });
    known = compiled(first);
    expect(known).toContain('linuxu-x86_64 lib/boot/boot.c');
  });
  afterAll(() => warm[Symbol.asyncDispose]());
  beforeEach(async () => {
    folders = 0;
    workspace = await makeWorkspace();
    await cp(warm.path, workspace.path, { recursive: true });
  });
  afterEach(() => workspace[Symbol.asyncDispose]());

  const inWorkspace = (...names: string[]): string => join(workspace.path, ...names);
  const cache = (): string => inWorkspace('cache');

  interface Request {
    readonly app?: string;
    readonly config?: readonly string[];
    readonly pools?: string;
    /** Without a cache, everything is compiled. */
    readonly cached?: boolean;
  }

  const optionsOf = ({ app = 'helloworld', config = [LINUXU], pools, cached = true }: Request) => ({
    app: join(pools ?? inWorkspace('pools'), 'app', app),
    out: inWorkspace(`out-${folders}`),
    config,
    args: cached ? [`UC_CACHE=${cache()}`] : [],
  });

  /** Builds in a folder that was not there before: only the cache can know anything. */
  function buildAnew(request: Request = {}): ReturnType<typeof build> {
    folders += 1;
    return build(optionsOf(request));
  }

  const result = (name: string): Promise<Buffer> => readFile(inWorkspace(`out-${folders}`, name));

  it('gives another build folder the same bytes, and compiles nothing', async () => {
    const names = ['', '.dbg', '.sizes'].map((suffix) => `helloworld_linuxu-x86_64${suffix}`);
    await buildAnew({ cached: false });
    const expected = await Promise.all(names.map(result));
    const second = await buildAnew();
    expect(compiled(second)).toEqual([]);
    expect(linked(second)).toEqual(['helloworld_linuxu-x86_64']);
    const found = await Promise.all(names.map(result));
    for (const [index, name] of names.entries()) {
      expect(found[index]!.equals(expected[index]!), name).toBe(true);
    }
  });

  it('serves pools at another path', async () => {
    const expected = await result('helloworld_linuxu-x86_64.dbg');
    await cp(inWorkspace('pools'), inWorkspace('elsewhere/pools'), { recursive: true });
    expect(compiled(await buildAnew({ pools: inWorkspace('elsewhere/pools') }))).toEqual([]);
    expect((await result('helloworld_linuxu-x86_64.dbg')).equals(expected)).toBe(true);
  });

  it('gives another application the libraries, and another platform those that know of none', async () => {
    expect(compiled(await buildAnew({ app: 'exitcode' }))).toEqual([
      'linuxu-x86_64 app/exitcode/main.c',
      'linuxu-x86_64 lib/boot/boot.c',
    ]);
    const kvm = compiled(await buildAnew({ config: [KVM] }));
    const sources = kvm.map((step) => step.replace('kvm-x86_64 ', ''));
    expect(sources).toContain('plat/kvm/start_x86_64.c');
    expect(sources.filter((source) => known.includes(`linuxu-x86_64 ${source}`))).toEqual([]);
  });

  it('of one option of one library, compiles what uses it, and nothing when it is set back', async () => {
    const changed = [LINUXU, 'CONFIG_LINUXU_MEMORY=8'];
    expect(compiled(await buildAnew({ config: changed }))).toEqual([
      'linuxu-x86_64 plat/linuxu/memory.c',
    ]);
    const options = optionsOf({});
    expect(compiled(await build(options))).toEqual([]);
    expect(compiled(await build({ ...options, config: changed }))).toEqual([]);
    expect(compiled(await build({ ...options, config: changed }))).toEqual([]);
  });

  it('compiles what includes a header that was changed, and knows the old one again', async () => {
    const header = inWorkspace('pools/lib/panic/panic.h');
    const text = await readFile(header, 'utf8');
    await writeFile(header, `${text}/* changed */\n`);
    const panic = ['backtrace', 'format', 'panic'].map(
      (name) => `linuxu-x86_64 lib/panic/${name}.c`,
    );
    expect(compiled(await buildAnew())).toEqual(panic);
    await writeFile(header, text);
    expect(compiled(await buildAnew())).toEqual([]);
  });

  it('compiles what finds a header before the one it found', async () => {
    await mkdir(inWorkspace('pools/arch/x86_64/include/uc'), { recursive: true });
    await cp(
      inWorkspace('pools/lib/panic/include/uc/panic.h'),
      inWorkspace('pools/arch/x86_64/include/uc/panic.h'),
    );
    expect(compiled(await buildAnew())).toContain('linuxu-x86_64 lib/panic/panic.c');
  });

  it('follows headers that include each other by paths through the folder above', async () => {
    const include = inWorkspace('pools/lib/panic/include/uc');
    const guarded = (name: string, other: string): string =>
      `#ifndef ${name}\n#define ${name}\n#include "${other}"\n#endif\n`;
    await mkdir(join(include, 'inner'));
    await writeFile(join(include, 'outer.h'), guarded('OUTER', 'inner/inner.h'));
    await writeFile(join(include, 'inner/inner.h'), guarded('INNER', '../outer.h'));
    const header = inWorkspace('pools/lib/panic/panic.h');
    await writeFile(header, `#include <uc/outer.h>\n${await readFile(header, 'utf8')}`);
    expect(compiled(await buildAnew())).toContain('linuxu-x86_64 lib/panic/panic.c');
    expect(compiled(await buildAnew())).toEqual([]);
  });

  it('compiles what another flag is for', async () => {
    const makefile = inWorkspace('pools/lib/console/Makefile.uc');
    await writeFile(makefile, `${await readFile(makefile, 'utf8')}CFLAGS-print.c-y += -O1\n`);
    expect(compiled(await buildAnew())).toEqual(['linuxu-x86_64 lib/console/print.c']);
  });

  it('is not trusted with a damaged object', async () => {
    const expected = await result('helloworld_linuxu-x86_64');
    const kept = await readdir(cache(), { recursive: true });
    const copies = kept.filter((path) => path.endsWith('/lib/console/print.o'));
    expect(copies).toHaveLength(1);
    for (const path of copies) await truncate(join(cache(), path), 100);
    expect(compiled(await buildAnew())).toEqual(['linuxu-x86_64 lib/console/print.c']);
    expect((await result('helloworld_linuxu-x86_64')).equals(expected)).toBe(true);
    // What was compiled in its place is kept instead.
    expect(compiled(await buildAnew())).toEqual([]);
    expect((await result('helloworld_linuxu-x86_64')).equals(expected)).toBe(true);
  });

  it('does not take what was compiled of a source that changed meanwhile', async () => {
    const main = inWorkspace('pools/app/exitcode/main.c');
    const text = await readFile(main, 'utf8');
    const old = new Date(Date.now() - 3_600_000);
    // Named by the broken source, then compiled of another that claims to be as old.
    await writeFile(main, `${text}#error not yet\n`);
    folders += 1;
    const options = optionsOf({ app: 'exitcode' });
    expect((await make(options)).exitCode).not.toBe(0);
    await writeFile(main, text);
    await utimes(main, old, old);
    await build(options);
    await writeFile(main, `${text}#error not yet\n`);
    folders += 1;
    const broken = await make(optionsOf({ app: 'exitcode' }));
    expect(broken.exitCode).not.toBe(0);
    expect(broken.stderr).toContain('not yet');
    expect(compiled(broken)).toEqual(['linuxu-x86_64 app/exitcode/main.c']);
  });

  it('that is taken away is no hindrance', async () => {
    await rm(cache(), { recursive: true });
    expect(compiled(await buildAnew())).toContain('linuxu-x86_64 lib/panic/panic.c');
  });
});
