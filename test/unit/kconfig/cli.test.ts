// SPDX-License-Identifier: BSD-3-Clause
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Command } from 'commander';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { registerKconfigCommands } from '../../../src/cli/commands/kconfig.js';
import { ORACLE } from './oracle.js';

const TREE = `mainmenu "A tree"
config NET
	bool "Network"
config HTTP
	bool "Server"
	depends on NET
config TLS
	bool
	depends on HTTP
config SECURE
	bool "Secure"
	select TLS
config PORT
	int "Port"
	depends on HTTP
	range 1 65535
	default 80
`;

describe('unicore kconfig', () => {
  let folder: string;
  let out: string;
  let error: string;
  let code: number;

  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'kconfig-cli-'));
    writeFileSync(path.join(folder, 'Kconfig'), TREE);
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const run = (command: string, ...rest: string[]): void => {
    [out, error, code] = ['', '', 0];
    const program = new Command().exitOverride();
    registerKconfigCommands(program, {
      out: (text) => (out += text),
      error: (text) => (error += text),
      exitCode: (value) => (code = value),
    });
    const files = [
      '--root',
      path.join(folder, 'Kconfig'),
      '--config',
      path.join(folder, '.config'),
    ];
    program.parse(['node', 'unicore', 'kconfig', command, ...rest, ...files]);
  };
  const oracle = (mode: string): string => {
    execFileSync(ORACLE, [`--${mode}`, 'Kconfig'], { cwd: folder, stdio: 'pipe' });
    return readFileSync(path.join(folder, '.config'), 'utf8');
  };
  const written = (name = '.config') => readFileSync(path.join(folder, name), 'utf8');

  it.each(['alldefconfig', 'allnoconfig', 'allyesconfig', 'allmodconfig', 'olddefconfig'])(
    '%s writes what kconfig-conf writes, and keeps the old file',
    (mode) => {
      const before = 'CONFIG_NET=y\nCONFIG_HTTP=y\nCONFIG_PORT=81\n';
      writeFileSync(path.join(folder, '.config'), before);
      const expected = oracle(mode);
      writeFileSync(path.join(folder, '.config'), before);
      run(mode);
      expect(code).toBe(0);
      expect(written()).toBe(expected);
      expect(written('.config.old')).toBe(before);
      expect(out).toBe(`#\n# configuration written to ${path.join(folder, '.config')}\n#\n`);
    },
  );

  it('saves a minimal configuration and lists new symbols', () => {
    writeFileSync(path.join(folder, '.config'), 'CONFIG_NET=y\nCONFIG_HTTP=y\nCONFIG_PORT=81\n');
    run('savedefconfig', path.join(folder, 'minimal'));
    expect(written('minimal')).toBe('CONFIG_NET=y\nCONFIG_HTTP=y\nCONFIG_PORT=81\n');
    run('listnewconfig');
    expect(out).toBe('CONFIG_SECURE\n');
  });

  it('begins with the defconfig list where there is no configuration', () => {
    writeFileSync(path.join(folder, 'first_defconfig'), 'CONFIG_NET=y\nCONFIG_HTTP=y\n');
    writeFileSync(
      path.join(folder, 'Kconfig'),
      `${TREE}config FOLDER\n\tstring\n\toption env="FOLDER"\nconfig LIST\n\tstring\n\toption defconfig_list\n\tdefault "none" if !NET\n\tdefault "$FOLDER/first_defconfig"\n`,
    );
    run('olddefconfig', '--env', `FOLDER=${folder}`);
    expect(out).toContain(`# using defaults found in ${folder}/first_defconfig\n`);
    const ours = written();
    rmSync(path.join(folder, '.config'));
    execFileSync(ORACLE, ['--olddefconfig', 'Kconfig'], {
      cwd: folder,
      env: { FOLDER: folder },
      stdio: 'pipe',
    });
    expect(ours).toBe(written());
  });

  it('warns of a select whose dependencies are not met, in the words of kconfig-conf', () => {
    writeFileSync(path.join(folder, '.config'), 'CONFIG_SECURE=y\n');
    run('olddefconfig');
    expect(error).toBe(
      'warning: (SECURE) selects TLS which has unmet direct dependencies (HTTP)\n',
    );
  });

  it('explains a symbol and says what turns it on', () => {
    run('explain', 'HTTP');
    expect(out).toContain('HTTP=n');
    expect(out).toContain('unmet: NET is n');
    expect(out).toContain('to turn it on: set NET=y, HTTP=y');
  });

  it('ends with 1 and the place of the mistake', () => {
    writeFileSync(path.join(folder, 'Kconfig'), 'config A\n\tbool "a"\n\tdepends on (\n');
    run('olddefconfig');
    expect(code).toBe(1);
    expect(error).toMatch(/Kconfig:3: syntax error/);
  });
});
