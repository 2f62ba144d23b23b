// SPDX-License-Identifier: BSD-3-Clause
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  filesInMemory,
  listNew,
  loadKconfig,
  readConfig,
  resolve,
  resolveAll,
  resolveForSaving,
  writeConfig,
  writeMinimal,
  type Evaluation,
  type KconfigTree,
  type NewSymbols,
} from '../../../src/build/kconfig/index.js';

export const ORACLE = '/usr/bin/kconfig-conf';

export const MODES = [
  'olddefconfig',
  'alldefconfig',
  'allnoconfig',
  'allyesconfig',
  'allmodconfig',
  'savedefconfig',
  'listnewconfig',
  'defconfig',
] as const;
export type Mode = (typeof MODES)[number];

/** The modes in which kconfig-conf evaluates each symbol once; elsewhere its complaints depend on what it happens to ask for. */
const WRITING_ALL: ReadonlySet<Mode> = new Set(
  MODES.filter((mode) => mode !== 'savedefconfig' && mode !== 'listnewconfig'),
);

export interface Case {
  readonly name: string;
  readonly files: Readonly<Record<string, string>>;
  readonly config: string | null;
  readonly mode: Mode;
  readonly environment?: Readonly<Record<string, string>>;
}

interface Outcome {
  readonly output: string;
  readonly unmet: readonly string[];
}

/** Runs `kconfig-conf` in `folder`, where the files are. */
export async function runOracle(
  folder: string,
  mode: Mode,
  environment: Readonly<Record<string, string>>,
  entry = 'Kconfig',
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const option =
    mode === 'savedefconfig'
      ? ['--savedefconfig=minimal']
      : mode === 'defconfig'
        ? ['--defconfig=input']
        : [`--${mode}`];
  return await new Promise((done, failed) => {
    const child = spawn(ORACLE, [...option, entry], {
      cwd: folder,
      env: environment,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 20_000,
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (stdout += chunk));
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk));
    child.on('error', failed);
    child.on('close', (code) => done({ code, stdout, stderr }));
  });
}

/** What `kconfig-conf` makes of the case, in a folder that is emptied first. */
export async function oracleOutcome(testCase: Case, folder: string): Promise<Outcome> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  for (const [name, text] of Object.entries(testCase.files)) {
    await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
    await writeFile(path.join(folder, name), text);
  }
  const { config, mode } = testCase;
  if (config !== null) {
    await writeFile(path.join(folder, mode === 'defconfig' ? 'input' : '.config'), config);
  }
  const result = await runOracle(folder, mode, testCase.environment ?? {});
  if (result.code !== 0) {
    throw new Error(`kconfig-conf ended with ${String(result.code)}: ${result.stderr}`);
  }
  const output =
    mode === 'listnewconfig'
      ? // Remarks about expressions go to standard output as well.
        result.stdout.replace(/^(?!CONFIG_).*\n/gm, '')
      : await readFile(path.join(folder, mode === 'savedefconfig' ? 'minimal' : '.config'), 'utf8');
  return { output, unmet: WRITING_ALL.has(mode) ? unmetSymbols(result.stderr) : [] };
}

/** Names in "selects NAME which has unmet direct dependencies", each once. */
function unmetSymbols(stderr: string): readonly string[] {
  const names = [...stderr.matchAll(/ selects (\S+) which has unmet/g)].map(
    (match) => match[1] ?? '',
  );
  return [...new Set(names)].sort();
}

/** The engine's output for a tree, a mode and a `.config`. */
export function engineOutput(
  tree: KconfigTree,
  mode: Mode,
  config: string | null,
): { output: string; evaluation: Evaluation } {
  const user = config === null ? undefined : readConfig(tree, config).user;
  const finish = (evaluation: Evaluation, output: string) => ({ evaluation, output });
  switch (mode) {
    case 'olddefconfig':
    case 'defconfig': {
      const evaluation = user === undefined ? resolveAll(tree, 'default') : resolve(tree, user);
      return finish(evaluation, writeConfig(evaluation));
    }
    case 'savedefconfig': {
      const evaluation =
        user === undefined ? resolveAll(tree, 'default') : resolveForSaving(tree, user);
      return finish(evaluation, writeMinimal(evaluation));
    }
    case 'listnewconfig': {
      const evaluation = user === undefined ? resolveAll(tree, 'default') : resolve(tree, user);
      return finish(
        evaluation,
        listNew(evaluation)
          .map((name) => `${name}\n`)
          .join(''),
      );
    }
    default: {
      const all: Record<string, NewSymbols> = {
        alldefconfig: 'default',
        allnoconfig: 'no',
        allyesconfig: 'yes',
        allmodconfig: 'module',
      };
      // kconfig-conf reads no .config in these modes unless KCONFIG_ALLCONFIG says so.
      const evaluation = resolveAll(tree, all[mode] ?? 'default');
      return finish(evaluation, writeConfig(evaluation));
    }
  }
}

export function engineOutcome(testCase: Case): Outcome {
  const tree = loadCase(testCase.files, testCase.environment ?? {});
  const { output, evaluation } = engineOutput(tree, testCase.mode, testCase.config);
  const unmet = WRITING_ALL.has(testCase.mode) ? evaluation.unmetSelections : [];
  return { output, unmet: unmet.map((symbol) => symbol.name).sort() };
}

export function loadCase(
  files: Readonly<Record<string, string>>,
  environment: Readonly<Record<string, string>> = {},
): KconfigTree {
  return loadKconfig({ entry: 'Kconfig', files: filesInMemory(files), environment });
}

/** Compares each case with `kconfig-conf`, two at a time. @returns a description of each difference */
export async function differences(cases: readonly Case[]): Promise<readonly string[]> {
  const base = await mkdtemp(path.join(tmpdir(), 'kconfig-oracle-'));
  const found: string[] = [];
  const remaining = cases.values();
  const work = async (worker: number): Promise<void> => {
    for (const testCase of remaining) {
      const problem = await difference(testCase, path.join(base, String(worker)));
      if (problem !== null) found.push(problem);
    }
  };
  try {
    await Promise.all([work(0), work(1)]);
  } finally {
    await rm(base, { recursive: true, force: true });
  }
  return found;
}

async function difference(testCase: Case, folder: string): Promise<string | null> {
  let expected: Outcome;
  let actual: Outcome;
  try {
    expected = await oracleOutcome(testCase, folder);
    actual = engineOutcome(testCase);
  } catch (error) {
    const files = Object.entries(testCase.files).map(([name, text]) => `--- ${name}\n${text}`);
    return [`=== ${testCase.name} ${testCase.mode}: ${String(error)}`, ...files].join('\n');
  }
  const sameOutput = expected.output === actual.output;
  const sameUnmet = expected.unmet.join() === actual.unmet.join();
  if (sameOutput && sameUnmet) return null;
  return [
    `=== ${testCase.name} ${testCase.mode}`,
    ...Object.entries(testCase.files).map(([name, text]) => `--- ${name}\n${text}`),
    `--- .config\n${testCase.config ?? '(none)'}`,
    `--- lines that differ (< kconfig-conf, > engine)\n${lineDifference(expected.output, actual.output)}`,
    `--- unmet: ${expected.unmet.join(' ')} | ${actual.unmet.join(' ')}`,
  ].join('\n');
}

function lineDifference(expected: string, actual: string): string {
  const left = expected.split('\n');
  const right = actual.split('\n');
  const lines: string[] = [];
  for (let index = 0; index < Math.max(left.length, right.length); index++) {
    if (left[index] !== right[index]) lines.push(`< ${left[index] ?? ''}\n> ${right[index] ?? ''}`);
  }
  return lines.slice(0, 10).join('\n');
}
