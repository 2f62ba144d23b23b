// SPDX-License-Identifier: BSD-3-Clause
import { gatherLinuxFacts, type LinuxFacts } from '../../../../diagnosis/index.js';
import { messageOf } from '../../../../errors/index.js';
import { connectXenstore, type Dom0 } from '../../dom0/index.js';

/** What a dom0 says of itself. Null: it does not say. */
export interface Dom0Facts {
  readonly linux: LinuxFacts;
  /** As in `4.17.7`. */
  readonly xenVersion: string | null;
  /** The command line of the hypervisor. */
  readonly xenCommandLine: string | null;
  /** Settings of xl.conf(5), without quotes. */
  readonly xlSettings: ReadonlyMap<string, string>;
  /** xenstored's bounds for each domain, by the names of `xenstore-control quota`. */
  readonly quotas: ReadonlyMap<string, number>;
  /** First line of the script that connects network interfaces. */
  readonly hotplugInterpreter: string | null;
  /** Why xenstored cannot be spoken to; null if it can. */
  readonly xenstoreComplaint: string | null;
  /** How many event channels a domain can have with what dom0's kernel uses. */
  readonly eventChannels: number | null;
}

/** Debian wraps xl; what there is of the rest depends on which xenstored runs. */
const SCRIPT = `
echo '== info'
xl info 2>/dev/null
echo '== xl.conf'
grep '^[a-z]' /etc/xen/xl.conf 2>/dev/null
echo '== quota'
xenstore-control quota 2>/dev/null
echo '== oxenstored.conf'
grep '^quota' /etc/xen/oxenstored.conf 2>/dev/null
echo '== hotplug'
script=$(sed -n "s/^vif.default.script *= *[\\"']\\([^\\"']*\\).*/\\1/p" /etc/xen/xl.conf 2>/dev/null)
case $script in
/*) head -n 1 "$script" ;;
*) head -n 1 "/etc/xen/scripts/\${script:-vif-bridge}" ;;
esac 2>/dev/null
echo '== events'
dmesg 2>/dev/null | grep -m 1 'xen:events: Using .*ABI'
exit 0`;

const MILLISECONDS = 60_000;

/** The daemons of dom0 that keep something for each guest. */
export const DOM0_DAEMONS = ['xenstored', 'oxenstored', 'xenconsoled'] as const;

export async function gatherDom0Facts(dom0: Dom0, signal: AbortSignal): Promise<Dom0Facts> {
  const options = { timeoutMilliseconds: MILLISECONDS, signal };
  const [linux, { stdout }, complaint] = await Promise.all([
    gatherLinuxFacts((command) => dom0.run(command, options), 'self', DOM0_DAEMONS),
    dom0.run(['sh', '-c', SCRIPT], options),
    complaintOfXenstore(dom0),
  ]);
  return parseDom0Facts(stdout, linux, complaint);
}

async function complaintOfXenstore(dom0: Dom0): Promise<string | null> {
  try {
    (await connectXenstore(dom0)).close();
    return null;
  } catch (error) {
    return messageOf(error);
  }
}

/** Event channels of the two ABIs between Xen and Linux: EVTCHN_FIFO_NR_CHANNELS, EVTCHN_2L_NR_CHANNELS of 64 bits. */
const FIFO_CHANNELS = 131_072;
const TWO_LEVEL_CHANNELS = 4_096;

/** The names of oxenstored's bounds among those of `xenstore-control`. */
const OXENSTORED_QUOTAS = new Map([
  ['quota-maxentity', 'nodes'],
  ['quota-maxwatch', 'watches'],
  ['quota-transaction', 'transactions'],
  ['quota-maxoutstanding', 'outstanding'],
]);

/** Reads what the script printed. */
export function parseDom0Facts(
  text: string,
  linux: LinuxFacts,
  xenstoreComplaint: string | null,
): Dom0Facts {
  const sections = sectionsOf(text);
  const of = (name: string): string => sections.get(name) ?? '';
  const info = (name: string): string | null =>
    new RegExp(`^${name} *: (.+)$`, 'm').exec(of('info'))?.[1]?.trim() ?? null;
  const events = of('events');
  return {
    linux,
    xenVersion: info('xen_version'),
    xenCommandLine: info('xen_commandline'),
    xlSettings: new Map(
      [...of('xl.conf').matchAll(/^([\w.]+) *= *["']?([^"'\n]*)/gm)].map(
        ([, name = '', value = '']) => [name, value.trim()],
      ),
    ),
    quotas: quotasOf(of('quota'), of('oxenstored.conf'), linux),
    hotplugInterpreter: /^#!\s*(\S.*)$/m.exec(of('hotplug'))?.[1]?.trim() ?? null,
    eventChannels: events.includes('FIFO')
      ? FIFO_CHANNELS
      : events.includes('2-level')
        ? TWO_LEVEL_CHANNELS
        : null,
    xenstoreComplaint,
  };
}

/** oxenstored cannot be asked: its file is what it has read. */
function quotasOf(
  asked: string,
  file: string,
  { daemons }: LinuxFacts,
): ReadonlyMap<string, number> {
  if (!daemons.some(({ name }) => name === 'oxenstored')) {
    return new Map(
      [...asked.matchAll(/^([a-z-]+) *: *(\d+) /gm)].map(([, name = '', value]) => [
        name,
        Number(value),
      ]),
    );
  }
  const settings = [...file.matchAll(/^(quota-[a-z-]+) *= *(\d+)/gm)];
  return new Map(
    settings.flatMap(([, name = '', value]) => {
      const common = OXENSTORED_QUOTAS.get(name);
      return common === undefined ? [] : [[common, Number(value)]];
    }),
  );
}

function sectionsOf(text: string): ReadonlyMap<string, string> {
  const parts = text.split(/^== (.+)$/m);
  const sections = new Map<string, string>();
  for (let at = 1; at < parts.length; at += 2) sections.set(parts[at] ?? '', parts[at + 1] ?? '');
  return sections;
}
