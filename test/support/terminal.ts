// SPDX-License-Identifier: BSD-3-Clause
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { vi } from 'vitest';

/** What to wait for on the screen, and the keys to press then. */
export type Step = readonly [screen: string, keys: string];

export const KEYS = { enter: '\r', down: '\u001bOB', leave: '\u001b\u001b' } as const;

/**
 * Runs a shell command in a terminal of its own (script(1)), and presses keys as soon as the screen has what each of them waits
 * for. Gives its exit status, and all that it wrote, without escapes.
 */
export async function inTerminal(
  command: string,
  steps: readonly Step[],
  environment: Readonly<Record<string, string>>,
): Promise<{ readonly exitCode: number | null; readonly screen: string }> {
  const child = spawn('script', ['-qefc', command, '/dev/null'], {
    env: { PATH: process.env.PATH, TERM: 'xterm', LINES: '24', COLUMNS: '80', ...environment },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  try {
    const ended = once(child, 'close') as Promise<[number | null]>;
    let screen = '';
    let seen = 0;
    child.stdout.on('data', (chunk: Buffer) => {
      screen = withoutEscapes(screen + chunk.toString('latin1'));
    });
    for (const [expected, keys] of steps) {
      seen = await vi.waitFor(
        () => {
          const at = screen.indexOf(expected, seen);
          if (at < 0) throw new Error(`the screen lacks "${expected}": ${screen.slice(seen)}`);
          return at + expected.length;
        },
        { timeout: 30_000, interval: 10 },
      );
      child.stdin.write(keys);
    }
    return { exitCode: (await ended)[0], screen };
  } finally {
    child.kill('SIGKILL');
  }
}

/** Control sequences and character sets: ECMA-48, 5.4; a sequence that is not complete yet stays. */
function withoutEscapes(text: string): string {
  // eslint-disable-next-line no-control-regex -- escapes are what is taken out
  return text.replaceAll(/\u001b(?:\[[0-?]*[ -/]*[@-~]|\([0AB])/g, '');
}
