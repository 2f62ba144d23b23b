// SPDX-License-Identifier: BSD-3-Clause
import type { XenBed } from './bed.js';
import type { Gate } from './gate.js';

/** Where a test wants dom0 to stand still: before or after a command whose words match a pattern of sh(1). */
export interface GatePlace {
  readonly when: 'before' | 'after';
  /** As in `xl create *`. The command is one of `GATED`. */
  readonly command: string;
}

/** The programs of dom0 by which drivers do their work there. */
const GATED = ['mkdir', 'mv', 'rm', 'xl'] as const;
const GATE = '/run/test-gate';

/**
 * Stands in for a program of dom0, and holds up the first command that the gate is closed for: moving the file that closes it is
 * what makes it the first.
 */
const STAND_IN = `#!/bin/sh
read -r when pattern 2>/dev/null <${GATE} || when=
case "\${0##*/} $*" in $pattern) ;; *) when= ;; esac
hold() {
	/usr/bin/mv ${GATE} ${GATE}.held 2>/dev/null || return
	while [ -e ${GATE}.held ]; do sleep 0.3; done
}
[ "$when" != before ] || hold
real=/usr/bin/\${0##*/}
[ -x "$real" ] || real=/usr/sbin/\${0##*/}
"$real" "$@"
status=$?
[ "$when" != after ] || hold
exit $status
`;

/** Makes commands in dom0 wait at exact places, so that faults meet them there. */
export class Dom0Gate implements Gate<GatePlace> {
  readonly #bed: XenBed;

  private constructor(bed: XenBed) {
    this.#bed = bed;
  }

  /** Puts stand-ins for the programs where root's PATH looks first. */
  static async install(bed: XenBed): Promise<Dom0Gate> {
    const text = Buffer.from(STAND_IN).toString('base64');
    for (const program of GATED) {
      const path = `/usr/local/sbin/${program}`;
      await bed.succeed(`echo ${text} | base64 -d >${path} && chmod 755 ${path}`);
    }
    return new Dom0Gate(bed);
  }

  async close({ when, command }: GatePlace): Promise<void> {
    await this.#bed.succeed(`printf '%s\\n' '${when} ${command}' >${GATE}`);
  }

  async reached(): Promise<void> {
    await this.#bed.succeed(`until [ -e ${GATE}.held ]; do sleep 0.3; done`);
  }

  async open(): Promise<void> {
    await this.#bed.succeed(`/usr/bin/rm -f ${GATE} ${GATE}.held`);
  }
}
