// SPDX-License-Identifier: BSD-3-Clause
import { explanationSchema } from '../../wire/index.js';
import { collect, pairs, type RegisterCommands } from '../context.js';
import { applicationNamed, targetsOf } from '../application-argument.js';

interface ExplainOptions {
  readonly target?: readonly string[];
  readonly set?: readonly string[];
}

/** `explain`: why a symbol has its value in an application's configuration. */
export const registerExplain: RegisterCommands = (program, context) => {
  program
    .command('explain <app-or-folder> <symbol>')
    .description('say why a Kconfig symbol has its value, and what would turn it on')
    .option(
      '-t, --target <target>',
      'as in kvm-x86_64; may be given again; all of an app if not',
      collect,
    )
    .option('-s, --set <symbol=value>', 'a Kconfig symbol; may be given again', collect)
    .action(async (app: string, symbol: string, options: ExplainOptions) => {
      const { client } = context;
      const targets = options.target ?? (await targetsOf(context, app));
      const { request } = await applicationNamed(context, app);
      const symbols = pairs(options.set, '--set');
      const body = { ...request, targets, symbols, symbol: symbol.replace(/^CONFIG_/, '') };
      const path = '/v1/configurations:explain';
      const explanation = await client.call(explanationSchema, 'POST', path, { body });
      context.output.result(explanation, () =>
        explanation.targets
          .flatMap(({ target, symbol: name, value, reasons, unmet, turnOn }) => [
            `${target}: ${name}=${value}`,
            ...reasons.map(({ kind, text, position }) => {
              return `  ${kind}: ${text}${position === null ? '' : ` [${position}]`}`;
            }),
            ...unmet.map((term) => `  unmet: ${term} is n`),
            ...(turnOn === null || turnOn.length === 0
              ? []
              : [
                  `  to turn it on: set ${turnOn.map((change) => `${change.symbol}=${change.value}`).join(', ')}`,
                ]),
          ])
          .join('\n'),
      );
    });
};
