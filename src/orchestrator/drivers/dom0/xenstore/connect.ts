// SPDX-License-Identifier: BSD-3-Clause
import { isUnicoreError, UnicoreError } from '../../../../errors/index.js';
import type { Dom0 } from '../dom0.js';
import { Xenstore } from './xenstore.js';

/** Where xenstored listens, unless it runs in a domain of its own (xenstored(8)). */
const SOCKET = '/run/xenstored/socket';

/** A connection to xenstored of a host, which has answered. @throws HOST_UNAVAILABLE, DEADLINE_EXCEEDED */
export async function connectXenstore(dom0: Dom0): Promise<Xenstore> {
  const { description } = dom0;
  const xenstore = new Xenstore(await dom0.connect(SOCKET), { description });
  try {
    // Whether there is somebody at the other end of an ssh connection, only an answer tells.
    await xenstore.read('/local');
    return xenstore;
  } catch (cause) {
    xenstore.close();
    if (!isUnicoreError(cause, 'HOST_UNAVAILABLE')) throw cause;
    throw new UnicoreError(
      'HOST_UNAVAILABLE',
      `xenstored does not answer at ${SOCKET} of ${description}. It must run in dom0, and not in a domain of its own; sshd must allow AllowStreamLocalForwarding (sshd_config(5)), and the user must be root there.`,
      { cause },
    );
  }
}
