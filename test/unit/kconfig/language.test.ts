// SPDX-License-Identifier: BSD-3-Clause
import { describe, expect, it } from 'vitest';
import {
  evaluate,
  filesInMemory,
  formatWarning,
  KconfigError,
  loadKconfig,
  readConfig,
  resolve,
  resolveAll,
  writeConfig,
} from '../../../src/build/kconfig/index.js';
import { matchesPattern } from '../../../src/build/kconfig/glob.js';
import { loadCase } from './oracle.js';

const values = (text: string, config = '', environment: Record<string, string> = {}) => {
  const tree = loadCase({ Kconfig: text }, environment);
  return writeConfig(resolve(tree, readConfig(tree, config).user))
    .split('\n')
    .slice(4, -1);
};
const failure = (text: string, files: Record<string, string> = {}): string => {
  try {
    loadCase({ Kconfig: text, ...files });
  } catch (error) {
    expect(error).toBeInstanceOf(KconfigError);
    return (error as KconfigError).message;
  }
  throw new Error('the tree was accepted');
};

describe('the macro language', () => {
  it('expands variables, functions and the environment', () => {
    const text = `NAME = $(WHERE)/$(END)
END := one
END += two
greet = $(1), $(2)!
config A
\tstring
\tdefault "$(greet,hello,$(NAME))"
config B
\tint
\tdefault $(lineno)
config C
\tstring
\tdefault "$(filename) [$(NOT_SET)]"
config D$(END2)
\tdef_bool $(Y)
`;
    expect(values(text, '', { WHERE: 'here', Y: 'y' })).toEqual([
      'CONFIG_A="hello, here/one two!"',
      'CONFIG_B=10',
      'CONFIG_C="Kconfig []"',
      'CONFIG_D=y',
    ]);
  });

  it('prints with info, warns with warning-if, and stops with error-if', () => {
    const tree = loadCase({
      Kconfig: '$(info,reading)\n$(warning-if,n,no)\n$(warning-if,y,careful)\nconfig A\n\tbool\n',
    });
    expect(tree.messages).toEqual(['reading']);
    expect(tree.warnings.map(formatWarning)).toEqual(['Kconfig:3:warning: careful']);
    expect(failure('config A\n\tbool\n$(error-if,y,not so)\n')).toBe('Kconfig:3: not so');
  });

  it('refuses $(shell), and macros that refer to themselves', () => {
    expect(failure('X := $(shell,id)\n')).toMatch(/^Kconfig:1: \$\(shell\) is refused/);
    expect(failure('A = $(B)\nB = $(A)\nC := $(A)\n')).toBe(
      'Kconfig:3: the macro refers to itself: A -> B -> A',
    );
    expect(failure('config A\n\tbool "$(open"\n')).toMatch(/^Kconfig:2: /);
  });

  it('bounds expansion that doubles with each step', () => {
    const lines = Array.from(
      { length: 40 },
      (_item, index) => `V${index + 1} = $(V${index})$(V${index})`,
    );
    expect(failure(`V0 = x\n${lines.join('\n')}\nX := $(V40)\n`)).toMatch(/^Kconfig:42: .*too/);
  });
});

describe('source', () => {
  const files = {
    'a/one.kc': 'config ONE\n\tdef_bool y\n',
    'a/two.kc': 'config TWO\n\tdef_bool y\n',
  };

  it('reads patterns in order, relative paths, and optional files', () => {
    const tree = loadCase({
      Kconfig: 'source "a/*.kc"\nosource "none/*.kc"\nosource "none"\nsource "b/sub.kc"\n',
      ...files,
      'b/sub.kc': 'rsource "three.kc"\norsource "gone.kc"\n',
      'b/three.kc': 'config THREE\n\tdef_bool y\n',
    });
    expect(tree.symbols.map((symbol) => symbol.name)).toEqual(['ONE', 'TWO', 'THREE']);
  });

  it('says which file is missing, and shows the chain of files that source each other', () => {
    expect(failure('\nsource "none"\n')).toBe('Kconfig:2: can\'t open file "none"');
    expect(failure('source "x/*"\n')).toBe('Kconfig:1: no file matches "x/*"');
    expect(failure('source "b"\n', { b: 'source "./b2"\n', b2: '\n\nsource "b"\n' })).toBe(
      './b2:3: the file sources itself: b (from Kconfig:1) -> ./b2 (from b:1) -> b (from ./b2:3)',
    );
  });

  it('matches patterns without backtracking', () => {
    expect(matchesPattern('*.k[a-c]?', 'x.kbz')).toBe(true);
    expect(matchesPattern('[!a]*', 'abc')).toBe(false);
    expect(matchesPattern('*', '.hidden')).toBe(false);
    expect(matchesPattern(`${'*a'.repeat(30)}b`, 'a'.repeat(5000))).toBe(false);
  });
});

describe('errors', () => {
  it.each([
    ['config\n', 'Kconfig:1: syntax error'],
    ['config A\n\tbool "a"\n\tdepends A\n', 'Kconfig:3: syntax error'],
    ['config A\n\tbool\n\tdefault (y\n', 'Kconfig:3: syntax error'],
    ['menu "a"\nendif\n', "Kconfig:2: unexpected 'endif' within menu block"],
    ['menu "a"\nconfig A\n\tbool\n', 'Kconfig:1: missing end statement'],
    ['endmenu\n', "Kconfig:1: unexpected 'endmenu'"],
    ['config A\n\tbool\n\tnonsense\n', 'Kconfig:3: unknown statement "nonsense"'],
    ['config A\n\tbool\n\toption what\n', 'Kconfig:3: unknown option "what"'],
    ['choice\n\tint "x"\nendchoice\n', 'Kconfig:2: unknown statement "int"'],
    ['config A\n\tdefault y if\n', 'Kconfig:2: syntax error'],
    ['config A\n\tbool\nmainmenu "late"\n', "Kconfig:3: 'mainmenu' must be the first"],
  ])('%j', (text, message) => {
    expect(failure(text).startsWith(message), failure(text)).toBe(true);
  });

  it('shows the chain of a recursive dependency', () => {
    const text =
      'config A\n\tbool "a"\n\tdepends on B\nconfig B\n\tbool "b"\nconfig C\n\tbool\n\tdefault A\n\tselect B\n';
    expect(failure(text)).toBe(
      'Kconfig:1: recursive dependency detected: A (Kconfig:1) depends on B (Kconfig:4); ' +
        'B (Kconfig:4) is selected by C (Kconfig:6); C (Kconfig:6) has a default from A (Kconfig:1)',
    );
  });

  it('takes long chains of dependencies, and refuses deep nesting', () => {
    const chain = Array.from(
      { length: 20_000 },
      (_item, index) => `config S${20_000 - index}\n\tdef_bool S${19_999 - index}`,
    );
    const end = 'config S0\n\tdef_bool y\nconfig MODULES\n\tdef_bool S20000\n\toption modules\n';
    const tree = loadCase({ Kconfig: `${chain.join('\n')}\n${end}` });
    expect(resolveAll(tree, 'default').hasModules).toBe(true);
    expect(resolveAll(tree, 'default').text(tree.find('S20000')!)).toBe('y');
    expect(failure(`config A\n\tdef_bool ${'('.repeat(5000)}y${')'.repeat(5000)}\n`)).toMatch(
      /^Kconfig:2: .*too deeply/,
    );
    expect(failure(`${'if y\n'.repeat(5000)}${'endif\n'.repeat(5000)}`)).toMatch(/too deeply/);
    const nested = Array.from(
      { length: 2000 },
      (_item, index) => `config S${index + 1}\n\tbool "s"\n\tdepends on S${index}`,
    );
    expect(failure(`config S0\n\tbool "s"\n${nested.join('\n')}\n`)).toMatch(
      /too deeply|too large/,
    );
  });
});

describe('a tree', () => {
  it('can be evaluated again and again, and is not changed by it', () => {
    const tree = loadKconfig({
      entry: 'Kconfig',
      files: filesInMemory({ Kconfig: 'config A\n\tbool "a"\nconfig B\n\tdef_bool A\n' }),
    });
    const on = resolve(tree, readConfig(tree, 'CONFIG_A=y\n').user);
    const off = evaluate(tree);
    expect(on.text(tree.find('B')!)).toBe('y');
    expect(off.text(tree.find('B')!)).toBe('n');
  });

  it('names symbols of a .config that it does not have', () => {
    const tree = loadCase({ Kconfig: 'config A\n\tbool "a"\n' });
    expect(readConfig(tree, 'CONFIG_X=y\nCONFIG_A=y\n# CONFIG_Y is not set\n').unknown).toEqual([
      'X',
      'Y',
    ]);
  });
});
