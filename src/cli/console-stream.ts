// SPDX-License-Identifier: BSD-3-Clause
import type { WebSocket } from 'ws';
import { openStream } from './client/stream.js';
import type { CommandContext } from './context.js';

/** Copies a guest's console to the output until the guest has ended. */
export async function followConsole(context: CommandContext, id: string): Promise<void> {
  const { messages } = await openStream(context.client, `/v1/instances/${id}/console`);
  for await (const data of messages) context.output.write(data);
}

const DETACH = 0x1d; // Ctrl-]

/** Joins the terminal and a guest's console, both ways. Ctrl-] detaches. */
export async function attachConsole(context: CommandContext, id: string): Promise<void> {
  const { socket, messages } = await openStream(context.client, `/v1/instances/${id}/console`);
  const { stdin } = process;
  const raw = stdin.isTTY;
  if (raw) stdin.setRawMode(true);
  const forward = (data: Buffer) => {
    sendOrDetach(socket, data, raw);
  };
  stdin.on('data', forward);
  try {
    for await (const data of messages) context.output.write(data);
  } finally {
    stdin.off('data', forward);
    if (raw) stdin.setRawMode(false);
    stdin.pause();
  }
}

function sendOrDetach(socket: WebSocket, data: Buffer, raw: boolean): void {
  const at = raw ? data.indexOf(DETACH) : -1;
  const input = at === -1 ? data : data.subarray(0, at);
  // A message to the daemon is at most 64 KiB.
  for (let start = 0; start < input.length; start += 32_768) {
    socket.send(input.subarray(start, start + 32_768));
  }
  if (at !== -1) socket.close(1000);
}
