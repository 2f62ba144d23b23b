// SPDX-License-Identifier: BSD-3-Clause

const MAX_LINES = 8;
const MAX_LENGTH = 2_000;

/** What compilers, linkers, our build rules and make say when something is wrong. */
const CAUSE =
  /(?:^|\s|:)(?:fatal |internal compiler )?error:|undefined reference|multiple definition|^ld: |cannot find -l|No rule to make target|not found$|No such file or directory|Permission denied|No space left/i;
/** make's last words, which only tell that something before them failed. */
const CONSEQUENCE = /^make(?:\[\d+\])?: (?:\*\*\*|Leaving|Entering|Target|Waiting)|^collect2: /;

/** The lines of a failed build's output that say why it failed; if none is recognised, its last lines. */
export function failureDetail(output: string): string {
  const lines = output
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line.trim() !== '');
  const telling = lines.filter((line) => !CONSEQUENCE.test(line));
  const causes = telling.filter((line) => CAUSE.test(line));
  const chosen =
    causes.length > 0
      ? [...new Set(causes)].slice(0, MAX_LINES)
      : (telling.length > 0 ? telling : lines).slice(-MAX_LINES);
  const text = chosen.join('\n');
  return text.length > MAX_LENGTH ? `${text.slice(0, MAX_LENGTH)} …` : text;
}
