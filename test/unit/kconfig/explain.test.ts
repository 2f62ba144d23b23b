// SPDX-License-Identifier: BSD-3-Clause
import { describe, expect, it } from 'vitest';
import {
  applyChanges,
  explain,
  readConfig,
  resolve,
  resolveAll,
  suggest,
  tristateLetter,
} from '../../../src/build/kconfig/index.js';
import { loadCase } from './oracle.js';
import { Random, randomTree } from './random-tree.js';

const TREE = `config NET
	bool "Network"
config HTTP
	bool "Server"
	depends on NET && !TINY
config TINY
	bool "Tiny"
	default y
config TLS
	bool "TLS"
	depends on HTTP
	select CRYPTO
config CRYPTO
	bool
	depends on RNG
config RNG
	bool "Random numbers"
config PORT
	int "Port"
	range 1 100
	default 80 if NET
choice
	prompt "Allocator"
config BUDDY
	bool "buddy"
config REGION
	bool "region"
endchoice
`;

const explained = (config: string, name: string) => {
  const tree = loadCase({ Kconfig: TREE });
  const evaluation = resolve(tree, readConfig(tree, config).user);
  return explain(evaluation, tree.find(name)!);
};
const kinds = (config: string, name: string) =>
  explained(config, name).reasons.map((reason) => reason.kind);

describe('explain', () => {
  it('names where a value comes from', () => {
    expect(kinds('CONFIG_NET=y\n', 'NET')).toEqual(['user']);
    expect(kinds('', 'TINY')).toEqual(['default']);
    expect(kinds('', 'CRYPTO')).toEqual(['hidden', 'nothing']);
    expect(kinds('CONFIG_NET=y\n', 'PORT')).toEqual(['default', 'range']);
    expect(explained('', 'REGION').reasons[0]?.text).toBe(
      'the choice takes BUDDY instead, by default',
    );
  });

  it('names the select, and that what it depends on is missing', () => {
    const config = 'CONFIG_NET=y\n# CONFIG_TINY is not set\nCONFIG_HTTP=y\nCONFIG_TLS=y\n';
    const { value, reasons, unmetSelects } = explained(config, 'CRYPTO');
    expect(value).toBe('y');
    expect(reasons.at(-1)).toMatchObject({
      kind: 'select',
      text: 'selected by TLS (TLS && HTTP)',
      position: { file: 'Kconfig', line: 12 },
    });
    expect(unmetSelects).toHaveLength(1);
  });

  it('names the terms that stand in the way', () => {
    expect(explained('CONFIG_HTTP=y\n', 'HTTP').unmet).toEqual(['NET', '!TINY']);
  });
});

describe('suggest', () => {
  it('finds what to set through several dependencies', () => {
    const tree = loadCase({ Kconfig: TREE });
    const evaluation = resolveAll(tree, 'default');
    const changes = suggest(evaluation, tree.find('TLS')!);
    const texts = changes?.map(({ symbol, value }) => `${symbol.name}=${value}`).sort();
    expect(texts).toEqual(['HTTP=y', 'NET=y', 'TINY=n', 'TLS=y']);
  });

  it('finds members of choices, and symbols that only a select can turn on', () => {
    const tree = loadCase({ Kconfig: TREE });
    const evaluation = resolveAll(tree, 'default');
    expect(suggest(evaluation, tree.find('REGION')!)).toHaveLength(1);
    const crypto = suggest(evaluation, tree.find('CRYPTO')!) ?? [];
    expect(crypto.map(({ symbol }) => symbol.name)).toContain('TLS');
  });

  it('gives null where nothing helps', () => {
    const tree = loadCase({ Kconfig: 'config A\n\tbool "a"\n\tdepends on NOWHERE\n' });
    expect(suggest(resolveAll(tree, 'default'), tree.find('A')!)).toBeNull();
  });

  it('only suggests what has been seen to work', { timeout: 60_000 }, () => {
    const random = new Random(11);
    let found = 0;
    for (let run = 0; run < 40; run++) {
      const tree = loadCase({ Kconfig: randomTree(random).text });
      const evaluation = resolveAll(tree, 'default');
      for (const symbol of tree.symbols) {
        const changes = suggest(evaluation, symbol);
        if (changes === null || changes.length === 0) continue;
        found++;
        expect(tristateLetter(applyChanges(evaluation, changes).tristate(symbol))).toBe('y');
      }
    }
    expect(found).toBeGreaterThan(50);
  });
});
