import { expect, test } from 'vitest';
import { commandFault, flagsOf, parserFault } from './command-faults.ts';

test('a word that is no command is named, with the command that it resembles', () => {
  const commands = ['run', 'capture', 'control'];
  expect(commandFault(['captur', 'summary'], commands)).toBe(
    "no command 'captur': expected one of run, capture, control; did you mean 'capture'?",
  );
  expect(commandFault(['rn', '--seed', '1'], commands)).toBe("no command 'rn': expected one of run, capture, control");
  for (const argv of [[], ['--help'], ['run', 'rn']]) expect(commandFault(argv, commands)).toBeUndefined();
});

test('what yargs says is said as the project does', () => {
  const said = (message: string, ...argv: string[]): string => parserFault(message, argv, []);
  expect(said('Not enough arguments following: topology')).toBe('--topology: expected a value after it');
  expect(said('Argument unexpected for: json')).toBe('--json: a switch, expected no value after it');
  expect(said('Invalid values:\n  Argument: pin, Given: "x", Choices: "on", "off"', 'run', '--pin', 'x')).toBe(
    "--pin: expected one of on, off, got 'x'",
  );
  expect(
    said('Invalid values:\n  Argument: action, Given: "go", Choices: "status", "stop"', 'control', 'f', 'go'),
  ).toBe("action: expected one of status, stop, got 'go'");
  expect(said('Unknown arguments: drop-it, extra, dropIt', 'run', '--drop-it=1', 'extra')).toBe(
    'unknown: --drop-it, extra',
  );
  expect(said('Not enough non-option arguments: got 0, need at least 2')).toBe(
    'expected 2 words after the command, got 0',
  );
  expect(said('something\n  else')).toBe('something else');
});

test('an unknown flag is told with the one that it resembles', () => {
  const flags = flagsOf(
    'testbed run\n\nOptions:\n      --topology  Name, or path\n  -o, --out       File; see --topology\n',
  );
  expect(flags).toEqual(['--topology', '--out']);
  const said = (message: string, ...argv: string[]): string => parserFault(message, argv, flags);
  expect(said('Unknown argument: topolgy', 'run', '--topolgy', 'x')).toBe(
    'unknown: --topolgy; did you mean --topology?',
  );
  expect(said('Unknown argument: zzz', 'run', '--zzz')).toBe('unknown: --zzz');
  expect(said('Unknown argument: out', 'run', 'out')).toBe('unknown: out');
});
