// SPDX-License-Identifier: BSD-3-Clause
import { Option } from 'commander';
import { warmPoolPageSchema, warmPoolSchema, type WarmPoolDocument } from '../../wire/index.js';
import type { RegisterCommands } from '../context.js';
import { table } from '../output.js';

interface SetOptions {
  readonly target?: string;
  readonly size?: string;
  readonly min?: string;
  readonly max?: string;
  readonly host?: string;
  readonly memory?: string;
  readonly warmth?: string;
}

/** `pool set|ls|show|rm`: guests that are kept ready. */
export const registerWarmPools: RegisterCommands = (program, context) => {
  const pool = program
    .command('pool')
    .description('keep guests ready, so that instances start at once');
  const path = (name: string): string => `/v1/warm-pools/${encodeURIComponent(name)}`;

  pool
    .command('set')
    .description('make a warm pool of an application or image, or change it')
    .argument('<name>')
    .argument('<app or image>')
    .option('--target <target>', 'of an application, as in kvm-x86_64')
    .option('--size <n>', 'how many guests')
    .option('--min <n>', 'at least so many')
    .option('--max <n>', 'at most so many')
    .option('--host <host>')
    .option('--memory <bytes>')
    .addOption(new Option('--warmth <kind>').choices(['booted', 'created']))
    .action(async (name: string, what: string, options: SetOptions) => {
      const { target, host, warmth, size, min, max, memory } = options;
      const source = what.startsWith('sha256:') ? { image: what } : { app: what, target };
      const numbers = Object.entries({ size, min, max, memory })
        .filter(([, value]) => value !== undefined)
        .map(([key, value]) => [key, Number(value)] as const);
      const body = { ...source, host, warmth, ...Object.fromEntries(numbers) };
      const made = await context.client.call(warmPoolSchema, 'PUT', path(name), { body });
      context.output.result(made, () => rows([made]));
    });

  pool
    .command('ls')
    .description('list the warm pools')
    .action(async () => {
      const { items } = await context.client.call(warmPoolPageSchema, 'GET', '/v1/warm-pools');
      context.output.result(items, () => rows(items));
    });

  pool
    .command('show')
    .description('show one warm pool')
    .argument('<name>')
    .action(async (name: string) => {
      const shown = await context.client.call(warmPoolSchema, 'GET', path(name));
      context.output.result(shown, () => rows([shown]));
    });

  pool
    .command('rm')
    .description('forget a warm pool and destroy its guests')
    .argument('<name>')
    .action(async (name: string) => {
      await context.client.raw('DELETE', path(name));
    });
};

function rows(pools: readonly WarmPoolDocument[]): string {
  return table(
    ['NAME', 'APP', 'TARGET', 'WARMTH', 'READY', 'WANTED', 'HITS', 'MISSES', 'CONDITION'],
    pools.map((each) => [
      each.name,
      each.app ?? each.image.slice(0, 19),
      each.target ?? '-',
      each.warmth,
      String(each.ready),
      String(each.desired),
      String(each.hits),
      String(each.misses),
      each.condition.message === ''
        ? each.condition.reason
        : `${each.condition.reason}: ${each.condition.message}`,
    ]),
  );
}
