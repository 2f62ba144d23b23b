// SPDX-License-Identifier: BSD-3-Clause
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DaemonProcess } from './daemon-process.js';

const run = promisify(execFile);
const DEPLOY = fileURLToPath(new URL('../../deploy', import.meta.url));
const RULES = `${DEPLOY}/prometheus/rules.yml`;
const DASHBOARD = `${DEPLOY}/grafana/unicore.json`;

/** What Prometheus adds to a histogram's name. */
const SUFFIX = /_(?:bucket|count|sum)$/;

/** Debian's promtool; what it prints is part of the error if it fails. */
async function promtool(args: readonly string[], input?: string): Promise<string> {
  const child = run('promtool', args, { cwd: `${DEPLOY}/prometheus` });
  child.child.stdin?.end(input);
  const { stdout, stderr } = await child;
  return stdout + stderr;
}

let daemon: DaemonProcess;
let text = '';
beforeAll(async () => {
  daemon = await DaemonProcess.start({ toml: '[[hosts]]\nid = "local"\ndriver = "linuxu"\n' });
  await daemon.create({ app: 'daemonhello', target: 'linuxu-x86_64', labels: { app: 'web' } });
  text = (await daemon.get('/metrics')).text;
});
afterAll(() => daemon[Symbol.asyncDispose]());

describe('the metrics of a real daemon', () => {
  test('are well formed, for promtool', async () => {
    // It also gives advice, about names of the Node.js metrics that are not ours; what is malformed it refuses.
    const said = await promtool(['check', 'metrics'], text).catch((error: unknown) =>
      String(error),
    );
    expect(said).not.toMatch(/error while linting|parsing|invalid|expected/i);
    expect(said.split('\n').filter((line) => line.startsWith('unicore_'))).toEqual([]);
  });

  test('tell of the spawn, by driver and by how it was provisioned', () => {
    expect(text).toMatch(
      /unicore_instance_step_duration_seconds_count\{step="spawn",driver="linuxu",provisioning="cold"\} 1/,
    );
    expect(text).toMatch(/unicore_host_up\{host="local",driver="linuxu"\} 1/);
    expect(text).toMatch(/unicore_host_instances\{host="local",driver="linuxu"\} 1/);
    expect(text).toMatch(/unicore_queue_depth\{host="local",state="waiting"\} 0/);
    expect(text).toMatch(/unicore_image_instances\{image="sha256:[0-9a-f]{12}"\} 1/);
  });

  test('of single instances come when they are asked for', async () => {
    expect(text).not.toContain('unicore_instance_cpu_seconds');
    const some = await daemon.get('/v1/metrics/instances?selector=app%3Dweb');
    expect(some.text).toMatch(/unicore_instance_memory_bytes\{id="[-0-9a-f]{36}",.*\} [1-9]\d*/);
    const none = await daemon.get('/v1/metrics/instances?selector=app%3Dnone');
    expect(none.text).not.toContain('id=');
  });

  test.each([RULES, DASHBOARD])('are all that %s names', async (file) => {
    const names = new Set(
      (await readFile(file, 'utf8')).match(/\b(?:unicore|process|nodejs)_\w+/g),
    );
    expect(names.size).toBeGreaterThan(5);
    for (const name of names) {
      expect(text, name).toMatch(new RegExp(`^# TYPE ${name.replace(SUFFIX, '')} `, 'm'));
    }
  });
});

describe('the rules for Prometheus', () => {
  test('are accepted by promtool', async () => {
    expect(await promtool(['check', 'rules', RULES])).toMatch(/SUCCESS: \d+ rules found/);
  });

  test('fire when they should, and not before', async () => {
    expect(await promtool(['test', 'rules', 'rules.test.yml'])).toContain('SUCCESS');
  });
});
