// SPDX-License-Identifier: BSD-3-Clause
import { createdTokenSchema, tokenPageSchema } from '../../wire/index.js';
import { parseSize, type RegisterCommands } from '../context.js';
import { CommandError, EXIT } from '../exit-codes.js';
import { bytes, table } from '../output.js';

interface CreateOptions {
  readonly role: string;
  readonly instances?: string;
  readonly memory?: string;
  readonly vcpus?: string;
  readonly builds?: string;
  readonly rate?: string;
  readonly expires?: string;
}

/** `tokens`: lists, makes and revokes bearer tokens. */
export const registerTokens: RegisterCommands = (program, context) => {
  const tokens = program.command('tokens').description('bearer tokens: list, create, revoke');

  tokens
    .command('list', { isDefault: true })
    .description('who may do what, and what their instances take')
    .action(async () => {
      const { items } = await context.client.call(tokenPageSchema, 'GET', '/v1/tokens');
      context.output.result(items, () =>
        table(
          ['NAME', 'ROLE', 'INSTANCES', 'MEMORY', 'VCPUS', 'BUILDS', 'RATE', 'EXPIRES'],
          items.map(({ name, role, quota, usage, rate, expiresAt }) => [
            name,
            role,
            of(usage.instances, quota.instances),
            of(usage.memory, quota.memory, bytes),
            of(usage.vcpus, quota.vcpus),
            of(usage.builds, quota.builds),
            rate === null ? '-' : `${rate.perSecond}/s`,
            expiresAt ?? '-',
          ]),
        ),
      );
    });

  tokens
    .command('create <name>')
    .description('make a token, and print it; it is not shown again')
    .option('-r, --role <role>', 'viewer, operator or admin', 'operator')
    .option('--instances <count>', 'how many instances it may have')
    .option('--memory <size>', 'of all its instances, as in 4G')
    .option('--vcpus <count>', 'of all its instances')
    .option('--builds <count>', 'under way at the same time')
    .option('--rate <per-second[:burst]>', 'requests, as in 10 or 10:50')
    .option('--expires <time>', 'as in 12h, 30d, or an RFC 3339 time')
    .action(async (name: string, options: CreateOptions) => {
      const { role, memory, rate, expires } = options;
      const body = {
        name,
        role,
        quota: {
          instances: count(options.instances),
          memory: memory === undefined ? undefined : parseSize(memory),
          vcpus: count(options.vcpus),
          builds: count(options.builds),
        },
        rate: rate === undefined ? undefined : parseRate(rate),
        expiresAt: expires === undefined ? undefined : parseExpiry(expires),
      };
      const made = await context.client.call(createdTokenSchema, 'POST', '/v1/tokens', { body });
      context.output.result(made, () => made.token);
    });

  tokens
    .command('revoke <name>')
    .description('take a token back; what was made with it stays')
    .action(async (name: string) => {
      await context.client.raw('DELETE', `/v1/tokens/${encodeURIComponent(name)}`);
      context.output.result({ revoked: name }, () => `${name} is revoked`);
    });
};

function of(used: number, limit: number | undefined, show: (n: number) => string = String): string {
  return limit === undefined ? show(used) : `${show(used)} of ${show(limit)}`;
}

function count(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Number(text);
}

function parseRate(text: string): { perSecond: number; burst: number } {
  const [perSecond = '', burst] = text.split(':');
  const rate = Number(perSecond);
  return {
    perSecond: rate,
    burst: burst === undefined ? Math.max(1, Math.ceil(rate)) : Number(burst),
  };
}

const UNITS = { m: 60, h: 3_600, d: 86_400 } as const;

function parseExpiry(text: string): string {
  const [, digits, unit] = /^(\d{1,6})([mhd])$/.exec(text) ?? [];
  const time =
    digits === undefined
      ? Date.parse(text)
      : Date.now() + Number(digits) * UNITS[unit as keyof typeof UNITS] * 1000;
  if (!Number.isNaN(time)) return new Date(time).toISOString();
  throw new CommandError(`--expires ${text}: write 12h, 30d or an RFC 3339 time`, EXIT.usage);
}
