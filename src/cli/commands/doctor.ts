// SPDX-License-Identifier: BSD-3-Clause
import { fileURLToPath } from 'node:url';
import { examineBuildMachine } from '../../build/doctor/index.js';
import type { Severity } from '../../diagnosis/index.js';
import {
  hostExaminationSchema,
  hostPageSchema,
  type FindingDocument,
  type HostExaminationDocument,
} from '../../wire/index.js';
import type { CommandContext, RegisterCommands } from '../context.js';
import { CommandError, EXIT } from '../exit-codes.js';
import { printable } from '../output.js';

interface DoctorOptions {
  readonly local?: boolean;
  readonly pools?: string;
}

/** The pools beside this program: `dist/cli/commands/` or `src/cli/commands/` lie as deep. */
const POOLS = fileURLToPath(new URL('../../../pools', import.meta.url));
const SEVERITIES: readonly Severity[] = ['problem', 'warning', 'unknown', 'ok'];

/** What was looked at, and what was found there. */
interface Examination {
  readonly host: string;
  readonly driver: string;
  readonly findings: readonly FindingDocument[];
}

/** `doctor`: what keeps guests from doing well on the hosts, or builds on this machine, and how to mend it. */
export const registerDoctor: RegisterCommands = (program, context) => {
  program
    .command('doctor [host]')
    .description('look for what keeps guests from doing well, and say how to mend it')
    .option('--local', 'look at this machine as one that builds images; needs no daemon')
    .option('--pools <folder>', 'with --local: the library pools, if not those beside this program')
    .action(async (host: string | undefined, options: DoctorOptions) => {
      if (options.local === true && host !== undefined) {
        throw new CommandError('Give a host, or --local: one of them.', EXIT.usage);
      }
      const examinations =
        options.local === true
          ? [await examineHere(options.pools ?? POOLS)]
          : await examineHosts(context, host);
      const counts = countsOf(examinations);
      context.output.result({ hosts: examinations, counts }, () => report(examinations));
      if (counts.problem > 0) context.exitCode = EXIT.failed;
    });
};

async function examineHere(pools: string): Promise<Examination> {
  const findings = [...(await examineBuildMachine(pools))];
  const rank = ({ severity }: FindingDocument): number => SEVERITIES.indexOf(severity);
  return {
    host: 'this machine',
    driver: 'builds',
    findings: findings.sort((a, b) => rank(a) - rank(b)),
  };
}

async function examineHosts(
  { client }: CommandContext,
  host: string | undefined,
): Promise<readonly HostExaminationDocument[]> {
  const ids =
    host === undefined
      ? (await client.call(hostPageSchema, 'GET', '/v1/hosts')).items.map(({ id }) => id)
      : [host];
  return Promise.all(
    ids.map((id) =>
      client.call(hostExaminationSchema, 'GET', `/v1/hosts/${encodeURIComponent(id)}/doctor`),
    ),
  );
}

function countsOf(examinations: readonly Examination[]): Record<Severity, number> {
  const counts = { problem: 0, warning: 0, unknown: 0, ok: 0 };
  for (const { findings } of examinations) {
    for (const { severity } of findings) counts[severity]++;
  }
  return counts;
}

function report(examinations: readonly Examination[]): string {
  return examinations
    .map((examination) => {
      const counts = countsOf([examination]);
      const summary = SEVERITIES.map((severity) => `${counts[severity]} ${severity}`).join(', ');
      const { host, driver, findings } = examination;
      return [`${printable(host)} (${driver}): ${summary}`, ...findings.map(paragraph)].join('\n');
    })
    .join('\n\n');
}

/** One line for what is well; for the rest why it matters, and what to do. */
function paragraph({ severity, id, title, found, why, fix }: FindingDocument): string {
  const line = `  ${severity.padEnd(7)}  ${printable(id)}: ${printable(title)}: ${printable(found)}`;
  if (severity === 'ok') return line;
  return [line, `           why: ${printable(why)}`, `           fix: ${printable(fix)}`].join(
    '\n',
  );
}
