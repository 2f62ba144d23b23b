// SPDX-License-Identifier: BSD-3-Clause
import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InProcessKconfigEngine } from '../kconfig/index.js';
import { applicationIn, Pools, requireTarget, targetSymbol } from '../pools/index.js';
import { parseTarget, type Target } from '../target.js';
import type { KconfigQuestion } from './kconfig-engine.js';
import { writeSourceLists } from './source-lists.js';

export interface Edit {
  readonly poolsDirectory: string;
  /** An application of the pools by its name, or the folder of one. */
  readonly application: { readonly app: string } | { readonly directory: string };
  /** The target whose menu it is; null for the menu of all targets at once, with the targets to choose. */
  readonly target: Target | null;
  /** The choices: read if the file exists, else the application's defaults count; written as `savedefconfig` does. */
  readonly file: string;
}

/** Shows a Kconfig tree to a person, who changes the file in KCONFIG_CONFIG or leaves it as it is. Resolves at the end. */
export type Editor = (root: string, environment: Readonly<Record<string, string>>) => Promise<void>;

export interface EditResult {
  /** False if nothing was changed, so that nothing was written. */
  readonly written: boolean;
  /** What the engine complains about in the result. */
  readonly messages: readonly string[];
}

/**
 * Lets a person choose in a menu, and keeps what differs from the defaults. Needs the pools and no daemon.
 * @throws UNKNOWN_APP, UNKNOWN_TARGET, CONFIGURATION_FAILED; what the editor throws
 */
export async function editConfiguration(edit: Edit, editor: Editor): Promise<EditResult> {
  const scratch = await mkdtemp(join(tmpdir(), 'unicore-menu-'));
  try {
    const { question, appDirectory } = await questionOf(edit, scratch);
    const engine = new InProcessKconfigEngine(() => [appDirectory, scratch]);
    const config = join(scratch, '.config');
    const before = await engine.complete(question);
    await writeFile(config, before.config);
    await editor(question.root, { ...question.environment, KCONFIG_CONFIG: config });
    const chosen = { ...question, config: await readFile(config, 'utf8') };
    if (chosen.config === before.config) return { written: false, messages: before.messages };
    const { messages } = await engine.complete(chosen);
    await replace(edit.file, engine.minimal(chosen));
    return { written: true, messages };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function questionOf(
  { poolsDirectory, application, target, file }: Edit,
  scratch: string,
): Promise<{ readonly question: KconfigQuestion; readonly appDirectory: string }> {
  const pools = new Pools(poolsDirectory);
  try {
    const view = await pools.view();
    const appDirectory =
      'app' in application
        ? join(view.directory, 'app', applicationIn(view, application.app).name)
        : application.directory;
    const given =
      (await readIfThere(file)) ?? (await readIfThere(join(appDirectory, 'defconfig'))) ?? '';
    const scope = target === null ? null : requireTarget(view, target);
    const parts = scope === null ? null : parseTarget(scope);
    const question = {
      root: join(view.directory, 'Kconfig'),
      environment: {
        UC_POOLS: view.directory,
        UC_APP: appDirectory,
        UC_SOURCES: await writeSourceLists(view, scratch),
        UC_PLAT: parts?.platform ?? '',
        UC_ARCH: parts?.architecture ?? '',
      },
      config: scope === null ? given : forTarget(given, scope),
    };
    return { question, appDirectory };
  } finally {
    pools.close();
  }
}

/** The choices with this target instead of those that they name. */
function forTarget(config: string, target: Target): string {
  const others = config.replaceAll(/^(?:# )?CONFIG_TARGET_.*\n/gm, '');
  return `${others}CONFIG_${targetSymbol(target)}=y\n`;
}

async function readIfThere(file: string): Promise<string | undefined> {
  return readFile(file, 'utf8').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  });
}

/** Whoever reads the file meanwhile sees the old text or the new one. */
async function replace(file: string, text: string): Promise<void> {
  const next = `${file}.${process.pid}.new`;
  await writeFile(next, text);
  await rename(next, file);
}
