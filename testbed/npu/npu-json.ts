import type { ProgramReport } from './npu-report.ts';
import type { TraceEntry } from './npu-trace.ts';
import { hexadecimalText } from './octet-dump.ts';

/** What `testbed npu run --json` prints; octets are hexadecimal text, register values unsigned numbers. */
export function jsonProgramReport(report: ProgramReport, trace: readonly TraceEntry[] | undefined): object {
  const { file, profile, engine, cores, contexts, result, changes, failures } = report;
  const { end, cycles, rounds, account, packets, frames, framesSent, faults, npu } = result;
  return {
    program: file,
    profile: profile.name,
    engine,
    cores,
    contexts,
    end,
    cycles,
    nanoseconds: (cycles * profile.clock.picoseconds) / profile.clock.cycles / 1000,
    rounds,
    account,
    packets,
    counters: npu.counters,
    registers: changes.registers,
    memory: changes.memory.map(({ memory, of, address, before, after }) => ({
      memory,
      of,
      address,
      before: hexadecimalText(before),
      after: hexadecimalText(after),
    })),
    framesSent,
    frames: frames.map(({ cycle, port, frame }) => ({ cycle, port, octets: hexadecimalText(frame) })),
    faults,
    failures,
    ...(trace === undefined ? {} : { trace }),
  };
}
