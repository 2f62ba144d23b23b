// SPDX-License-Identifier: BSD-3-Clause
import { UnicoreError } from '../../../../errors/index.js';

/** What `xl create` is to make. */
export interface XlDomain {
  readonly name: string;
  readonly uuid: string;
  readonly type: 'pv' | 'pvh';
  /** Path of the image as dom0 sees it. */
  readonly kernel: string;
  /** The guest's command line. */
  readonly commandLine: string;
  readonly memoryMebibytes: number;
  readonly vcpus: number;
}

/**
 * The settings of a domain but for its name, in the form that `xl create` takes after a configuration file's name: one `key=value` an argument,
 * each parsed as a line of xl.cfg(5). A crash leaves the domain to be seen and destroyed by us (`preserve` would keep its
 * memory; `destroy` would hide that it crashed), as a shutdown does with `-e`.
 */
export function xlSettings(domain: XlDomain): readonly string[] {
  return [
    `uuid=${quoteXl(domain.uuid)}`,
    `type=${quoteXl(domain.type)}`,
    `kernel=${quoteXl(domain.kernel)}`,
    `memory=${integer(domain.memoryMebibytes)}`,
    // Never left out: libxl 4.17 then reserves paging memory for no vCPU, and Xen refuses guests below 64 MiB (ENOMEM).
    `vcpus=${integer(domain.vcpus)}`,
    ...(domain.commandLine === '' ? [] : [`extra=${quoteXl(domain.commandLine)}`]),
  ];
}

export function nameSetting(name: string): string {
  return `name=${quoteXl(name)}`;
}

/** The escapes that libxlu's dequoting (tools/libs/util/libxlu_cfg.c in Xen) undoes as one would expect; its octal ones it drops. */
const ESCAPES = new Map([
  ['"', '\\"'],
  ['\\', '\\\\'],
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
]);

/**
 * A string of xl.cfg(5). It ends at its quote or at the end of the line, so both of these and the backslash are escaped.
 * @throws INVALID_REQUEST for other control characters, which no escape carries intact
 */
export function quoteXl(text: string): string {
  let quoted = '';
  for (const character of text) {
    const escape = ESCAPES.get(character);
    if (escape === undefined && /\p{Cc}/u.test(character)) {
      throw new UnicoreError(
        'INVALID_REQUEST',
        'An argument holds a control character; leave it out.',
      );
    }
    quoted += escape ?? character;
  }
  return `"${quoted}"`;
}

function integer(value: number): string {
  if (!Number.isSafeInteger(value) || value < 0) {
    throw new RangeError(`${value} is no size or count`);
  }
  return String(value);
}
