import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readMessages, SUPERVISOR_SOCKET_VARIABLE, writeMessage } from '../../link/supervisor-line.ts';

/*
 * Stands in for one node process of a run and starts the real one under clinic, which would swallow the launcher's
 * channel: orders and answers pass through a socket instead. Leaves when clinic has written its report.
 *
 * Arguments: clinic tool, folder for the report, module of the node process.
 */
const [tool, destination, module] = process.argv.slice(2) as [string, string, string];
const folder = mkdtempSync(join(tmpdir(), 'lambda-nic-profile-'));
const path = join(folder, 'line.sock');
let node: Socket | undefined;
const early: unknown[] = [];

const server = createServer((socket) => {
  node = socket;
  socket.on('error', () => socket.destroy());
  readMessages(socket, (message) => process.send!(message));
  for (const order of early) writeMessage(socket, order);
});

process.on('SIGINT', () => {});
process.on('message', (order) => {
  if (node === undefined) early.push(order);
  else writeMessage(node, order);
});

server.listen(path, () => {
  const clinic = ['--yes', 'clinic@13', tool, '--dest', destination, '--', process.execPath, module];
  const child = spawn('npx', clinic, {
    // With an open standard input clinic waits for a person, and leaves without a report.
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, NO_INSIGHT: '1', [SUPERVISOR_SOCKET_VARIABLE]: path },
  });
  process.on('disconnect', () => child.kill());
  child.on('close', (status) => {
    server.close();
    rmSync(folder, { recursive: true, force: true });
    process.exit(status ?? 1);
  });
});
