// SPDX-License-Identifier: BSD-3-Clause
import { isCommandError, MINIMAL_ENVIRONMENT, runCommand } from '../../process/index.js';
import { libraryGraphSchema, type LibraryGraphDocument } from '../../wire/index.js';
import { collect, pairs, type RegisterCommands } from '../context.js';
import { CommandError } from '../exit-codes.js';
import { applicationNamed, targetsOf } from '../application-argument.js';

interface GraphOptions {
  readonly target?: string;
  readonly set?: readonly string[];
  readonly svg?: string;
}

type TargetGraph = LibraryGraphDocument['targets'][number];

/** `graph`: the libraries of an application, and what selected what. */
export const registerGraph: RegisterCommands = (program, context) => {
  program
    .command('graph <app-or-folder>')
    .description(
      "draw an application's libraries and why each is there, in the language of graphviz",
    )
    .option('-t, --target <target>', "as in kvm-x86_64; the application's first if not")
    .option('-s, --set <symbol=value>', 'a Kconfig symbol; may be given again', collect)
    .option('--svg <file>', 'write a picture, with the program dot of graphviz')
    .action(async (app: string, options: GraphOptions) => {
      const { client } = context;
      const target = options.target ?? (await targetsOf(context, app))[0];
      const { name, request } = await applicationNamed(context, app);
      const body = { ...request, targets: [target], symbols: pairs(options.set, '--set') };
      const path = '/v1/configurations:graph';
      const answer = await client.call(libraryGraphSchema, 'POST', path, { body });
      const text = answer.targets.map((graph) => graphText(name, graph)).join('');
      const { svg } = options;
      if (svg !== undefined) await draw(text, svg);
      context.output.result(answer, () =>
        svg === undefined ? text.trimEnd() : `drawn into ${svg}`,
      );
    });
};

/** The graph in the language of graphviz (https://graphviz.org/doc/info/lang.html). */
export function graphText(app: string, { target, libraries }: TargetGraph): string {
  const lines = libraries.flatMap(({ library, why, selectedBy }) => [
    `  ${quoted(library)} [label=${quoted(`${library}\n${why}`)}];`,
    ...selectedBy.map(({ symbol, library: from }) => {
      return `  ${quoted(from ?? symbol)} -> ${quoted(library)} [label=${quoted(symbol)}];`;
    }),
  ]);
  return [
    `digraph ${quoted(target)} {`,
    '  rankdir=LR; node [shape=box, fontname="sans-serif"]; edge [fontname="sans-serif", fontsize=10];',
    `  ${quoted(`app/${app}`)} [style=bold];`,
    ...lines,
    '}\n',
  ].join('\n');
}

function quoted(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;
}

async function draw(text: string, file: string): Promise<void> {
  const options = {
    environment: MINIMAL_ENVIRONMENT,
    input: Buffer.from(text),
    timeoutMilliseconds: 60_000,
  };
  const { exitCode, stderr } = await runCommand('dot', ['-Tsvg', '-o', file], options).catch(
    (error: unknown) => {
      if (!isCommandError(error, 'not-found')) throw error;
      throw new CommandError('dot is not installed. On Debian: apt-get install graphviz');
    },
  );
  if (exitCode !== 0) throw new CommandError(`dot failed: ${stderr.trim()}`);
}
