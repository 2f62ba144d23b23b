// SPDX-License-Identifier: BSD-3-Clause
import { parseLinuxFacts } from '../../../src/diagnosis/index.js';

/** What the script that asks a machine prints. */
export const LINUX = parseLinuxFacts(`pid-max 4194304
threads-max 200000
file-max 2466193
max-map-count 65530
overcommit 0
pty-max 4096
seccomp kill_process kill_thread trap errno user_notif trace log allow
SwapTotal: 1024
SwapFree: 512
cgroup-pids max /sys/fs/cgroup
cgroup-pids 9000 /sys/fs/cgroup/system.slice/unicored.service
cgroup-pids 5000 /sys/fs/cgroup/system.slice
daemon xenstored 150 65536 16 /usr/lib/xen-4.17/bin/xenstored --internal-db
daemon xenconsoled 155 unlimited 14 /usr/lib/xen-4.17/bin/xenconsoled --log=guest --log-dir=/var/log/xen/console
`);
