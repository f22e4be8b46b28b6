import type { P4Model } from '../../3-analyze/p4/model.ts';
import { DROP_PORT } from './actions.ts';
import { lengthMember } from './extract.ts';
import { memberName, readField, validWordCount, validWordName, writeField } from './fields.ts';
import { FRAME_SKEW_OCTETS } from './frame.ts';
import { generateFrameOutput } from './frame-output.ts';
import { PLUGIN_HEADER } from './header-file.ts';
import {
  type Clone,
  clonedFields,
  operationMembers,
  type PacketOperations,
  packetOperations,
} from './packet-operations.ts';
import { generateInitialisers, type PluginInitialisers } from './plugin-initialisers.ts';
import type { ProgramRules } from './program-rules.ts';
import { GeneratedText } from './text.ts';

/** Path of the Micro-C in which every context of a whole P4 program starts. */
export const PROGRAM_RUNTIME_FILE = '<generated>/pif_runtime.c';

/** `standard_metadata.instance_type`, numbered as bmv2's simple_switch does. */
const INSTANCE = { ingressClone: 1, egressClone: 2, recirculated: 4, replica: 5, resubmitted: 6 } as const;

/** Where a waiting packet goes on. */
const AT = { ingress: 0, egress: 1, parsedEgress: 2 } as const;

/** Packets that one context keeps while it handles another: clones and replicas of one packet. */
const WAITING_PACKETS = 8;
const DESCRIPTION_WORDS = 8;
/** Octets of a frame and of what stands before it, with the last block of a copy. */
const FRAME_OCTETS = 2048;
const BLOCK_WORDS = 16;
/** Islands, cores of an island, contexts: numbers of a context have so many bits in the status register of a core. */
const CONTEXTS = 8 * 16 * 8;
/** Number of the first island with cores. */
const FIRST_ISLAND = 32;
/** Preserves everything. */
const KEEP_ALL = 0xffff_ffff;
/**
 * The loop of every context of a whole P4 program: receive, parse, ingress, egress, deparse, send, in one run. Clones,
 * replicas, resubmitted and recirculated packets are handled by the same context behind the packet that they come from.
 */
export function programRuntime(
  model: P4Model,
  rules: ProgramRules,
  plugin: PluginInitialisers,
  maximumFrameOctets: number,
): string {
  return new RuntimeText(model, rules, plugin, maximumFrameOctets).write();
}

class RuntimeText {
  private readonly model: P4Model;
  private readonly rules: ProgramRules;
  private readonly plugin: PluginInitialisers;
  private readonly maximumFrameOctets: number;
  private readonly operations: PacketOperations;
  private readonly out = new GeneratedText({ file: PROGRAM_RUNTIME_FILE, line: 1, column: 1 });
  /** Words of the parsed packet, as C reads and writes them. */
  private readonly words: readonly string[];

  constructor(model: P4Model, rules: ProgramRules, plugin: PluginInitialisers, maximumFrameOctets: number) {
    this.maximumFrameOctets = maximumFrameOctets;
    this.model = model;
    this.rules = rules;
    this.plugin = plugin;
    this.operations = packetOperations(model);
    const valid = Array.from({ length: validWordCount(model) }, (_, i) => `pif_headers.${validWordName(i)}`);
    const fields = [...model.instances.values()].flatMap(({ name, octets }) =>
      Array.from(
        { length: Math.ceil(octets / 4) },
        (_, i) => `((__lmem unsigned int *)&pif_headers.${memberName(name)})[${i}]`,
      ),
    );
    const lengths = [...model.instances.values()].flatMap((instance) =>
      instance.fields.at(-1)?.variable === true ? [lengthMember(instance)] : [],
    );
    this.words = [...valid, ...lengths, ...fields];
  }

  write(): string {
    const { out } = this;
    out.line(`#include "${PLUGIN_HEADER}"`);
    out.line('int pif_parse_and_verify(void);').line('int pif_run_control(int control);');
    if (this.model.controls.has('egress')) out.line('int pif_control_egress(void);');
    this.beginning();
    if (this.hasQueue) this.queue();
    if (this.operations.clones.size > 0) this.sessions();
    generateFrameOutput(this.maximumFrameOctets, out);
    generateInitialisers(this.plugin, out);
    this.main();
    return out.text;
  }

  private get hasMulticast(): boolean {
    return this.has('intrinsic_metadata', 'mcast_grp') && this.replicaRows().length > 0;
  }

  private get hasQueue(): boolean {
    return this.operations.clones.size > 0 || this.hasMulticast;
  }

  private get itemWords(): number {
    const parsed = Math.ceil(this.words.length / BLOCK_WORDS) * BLOCK_WORDS;
    return DESCRIPTION_WORDS + parsed + FRAME_OCTETS / 4;
  }

  private get frameAt(): number {
    return this.itemWords - FRAME_OCTETS / 4;
  }

  /** Packets that wait, in EMEM: description, parsed packet, frame. */
  private queue(): void {
    const { out } = this;
    out.line(`static __mem unsigned int pif_waiting[${CONTEXTS * WAITING_PACKETS * this.itemWords}];`);
    // 30..25 island, 6..3 core, 2..0 context.
    out.line('static inline unsigned int pif_place(unsigned int item) {');
    out.line('unsigned int status = local_csr_read(local_csr_active_ctx_sts);');
    out.line(`unsigned int context = ((((status >> 25) & 63) - ${FIRST_ISLAND}) << 7) | (status & 127);`);
    const item = `item & ${WAITING_PACKETS - 1}`;
    out.line(`return (context * ${WAITING_PACKETS} + (${item})) * ${this.itemWords};`).line('}');
    if (this.hasMulticast) {
      const words = this.replicaRows().flat();
      out.line(`static const unsigned int pif_replicas[${words.length}] = { ${words.join('u, ')}u };`);
    }
    this.put();
    this.take();
  }

  private put(): void {
    const { out, words } = this;
    out.line(
      'static inline void pif_put(unsigned int item, unsigned int stage, unsigned int keep, unsigned int type, unsigned int port, unsigned int replica) {',
    );
    out.line(`__xwrite unsigned int put[${BLOCK_WORDS}];`).line(`__xread unsigned int block[${BLOCK_WORDS}];`);
    out.line('__mem unsigned int *at = &pif_waiting[pif_place(item)];').line('unsigned int done;');
    for (const [index, value] of [
      'stage',
      'keep',
      'type',
      'port',
      'replica',
      'pif_pkt_info_global.pkt_len',
      'pif_pkt_info_global.pkt_pl_off',
      '0',
    ].entries()) {
      out.line(`put[${index}] = ${value};`);
    }
    out.line(`mem_write32(put, at, ${DESCRIPTION_WORDS * 4});`);
    for (let first = 0; first < words.length; first += BLOCK_WORDS) {
      const some = words.slice(first, first + BLOCK_WORDS);
      for (const [index, word] of some.entries()) out.line(`put[${index}] = ${word};`);
      out.line(`mem_write32(put, at + ${DESCRIPTION_WORDS + first}, ${some.length * 4});`);
    }
    this.copyFrame('from', 'block', () => {
      for (let i = 0; i < BLOCK_WORDS; i++) out.line(`put[${i}] = block[${i}];`);
      out.line(`mem_write32(put, at + ${this.frameAt} + done / 4, ${BLOCK_WORDS * 4});`);
    });
    out.line('}');
  }

  /** Blocks of the frame, from the word on that it begins in. */
  private copyFrame(direction: 'from' | 'to', registers: string, body: () => void): void {
    const { out } = this;
    const limit = `pif_pkt_info_global.pkt_len + ${FRAME_SKEW_OCTETS}`;
    const frame = `pif_pkt_info_global.pkt_buf - ${FRAME_SKEW_OCTETS} + done`;
    out.line(`for (done = 0; done < ${limit}; done += ${BLOCK_WORDS * 4}) {`);
    if (direction === 'from') out.line(`mem_read32(${registers}, ${frame}, ${BLOCK_WORDS * 4});`);
    body();
    if (direction === 'to') out.line(`mem_write32(${registers}, ${frame}, ${BLOCK_WORDS * 4});`);
    out.line('}');
  }

  /** Makes a waiting packet the context's; returns where it goes on. */
  private take(): void {
    const { out, words } = this;
    const standard = 'pif_headers.standard_metadata';
    out.line('static inline unsigned int pif_take(unsigned int item) {');
    out.line(`__xread unsigned int taken[${DESCRIPTION_WORDS}];`).line(`__xread unsigned int block[${BLOCK_WORDS}];`);
    out.line(`__xwrite unsigned int put[${BLOCK_WORDS}];`);
    out.line('__mem unsigned int *at = &pif_waiting[pif_place(item)];').line('unsigned int done;');
    out.line('unsigned int ingress_port;');
    out.line(`mem_read32(taken, at, ${DESCRIPTION_WORDS * 4});`);
    for (let first = 0; first < words.length; first += BLOCK_WORDS) {
      const some = words.slice(first, first + BLOCK_WORDS);
      out.line(`mem_read32(block, at + ${DESCRIPTION_WORDS + first}, ${some.length * 4});`);
      for (const [index, word] of some.entries()) out.line(`${word} = block[${index}];`);
    }
    out.line('pif_pkt_info_global.pkt_len = taken[5];').line('pif_pkt_info_global.pkt_pl_off = taken[6];');
    this.copyFrame('to', 'put', () => {
      out.line(`mem_read32(block, at + ${this.frameAt} + done / 4, ${BLOCK_WORDS * 4});`);
      for (let i = 0; i < BLOCK_WORDS; i++) out.line(`put[${i}] = block[${i}];`);
    });
    out.line(`ingress_port = ${standard}.ingress_port;`);
    out
      .line(`if (taken[1] != 0x${KEEP_ALL.toString(16)}u) {`)
      .line('pif_reset_metadata(taken[1]);')
      .line('}');
    out.line('pif_begin(ingress_port, taken[2]);');
    this.store('standard_metadata', 'egress_port', 'taken[3]');
    this.store('standard_metadata', 'egress_instance', 'taken[4]');
    this.store('intrinsic_metadata', 'egress_rid', 'taken[4]');
    out.line('return taken[0] | (taken[1] << 2);').line('}');
  }

  /** Group, port, replication id, 0. */
  private replicaRows(): number[][] {
    return [...this.rules.multicast].flatMap(([group, replicas]) =>
      replicas.map(({ port, replicationId }) => [group, port, replicationId, 0]),
    );
  }

  /** Egress port of a clone session; the drop port when nobody configured it. */
  private sessions(): void {
    const { out, rules } = this;
    out.line('static unsigned int pif_mirror_port(unsigned int session) {');
    for (const [session, port] of rules.mirrors) {
      out.line(`if (session == ${session}u) {`).line(`return ${port};`).line('}');
    }
    out.line(`return ${DROP_PORT};`).line('}');
  }

  private has(instance: string, field: string): boolean {
    return this.model.instances.get(instance)?.fields.some(({ name }) => name === field) === true;
  }

  /** Stores into a field of metadata that the program may have left out. */
  private store(instance: string, name: string, text: string): void {
    const field = this.model.instances.get(instance)?.fields.find((each) => each.name === name);
    if (field === undefined) return;
    for (const line of writeField(instance, field, { text, bits: 32 })) this.out.line(line);
  }

  /** Nothing has been asked for in this part of the pass; what ingress wants cut off is cut off behind egress. */
  private clear(part: 'ingress' | 'egress'): void {
    for (const member of operationMembers(this.operations)) {
      if (member.endsWith('_session') || (part === 'egress' && member === 'truncate')) continue;
      this.out.line(`pif_operations.${member} = 0;`);
    }
  }

  /** What the standard metadata of a packet is before it is parsed. */
  private beginning(): void {
    const { out } = this;
    out.line('static inline void pif_begin(unsigned int ingress_port, unsigned int type) {');
    this.store('standard_metadata', 'ingress_port', 'ingress_port');
    this.store('standard_metadata', 'packet_length', 'pif_pkt_info_global.pkt_len');
    this.store('standard_metadata', 'instance_type', 'type');
    for (const name of ['egress_spec', 'egress_port', 'egress_instance', 'parser_status', 'parser_error_location']) {
      this.store('standard_metadata', name, '0');
    }
    out.line('}');
  }

  private main(): void {
    const { out, plugin } = this;
    out.line('void main(void) {');
    if (plugin.once) out.line('pif_initialise_once();');
    if (plugin.everyContext) out.line('pif_plugin_init();');
    out.line('for (;;) {').line('__xread unsigned int arrival[4];').line(`unsigned int stage = ${AT.ingress};`);
    if (this.hasQueue)
      out.line('unsigned int keep = 0;').line('unsigned int made = 0;').line('unsigned int taken = 0;');
    out.line('packet_receive(arrival);');
    out.line('pif_pkt_info_global.pkt_len = arrival[0] >> 16;');
    out.line('pif_pkt_info_global.pkt_buf = (__ctm unsigned char *)arrival[1];');
    out.line('pif_pkt_info_global.pkt_num = arrival[3];');
    out.line('pif_reset_metadata(0);').line('pif_begin(arrival[0] & 0xffff, 0);');
    out.line('for (;;) {');
    this.pass();
    out.line('packet_done:;');
    if (this.hasQueue) {
      out.line('if (taken == made) {').line('break;').line('}');
      out.line('stage = pif_take(taken);').line('taken++;').line('keep = stage >> 2;').line('stage &= 3;');
    } else {
      out.line('break;');
    }
    out.line('}').line('}').line('}');
  }

  /** One packet through ingress, egress, or both. */
  private pass(): void {
    const { out } = this;
    this.clear('ingress');
    out.line(`if (stage != ${AT.egress}) {`).line('int control;');
    this.parse();
    if (this.operations.clones.has('i2e')) out.line(`if (stage == ${AT.ingress}) {`);
    this.ingress();
    if (this.operations.clones.has('i2e')) out.line('}');
    out.line('}');
    this.egress();
    out.line('pif_send(pif_headers.standard_metadata.egress_port);');
  }

  /** Clones from ingress to egress are parsed anew, and have what they preserve behind that. */
  private parse(): void {
    const { out, model } = this;
    const kept = clonedFields(model);
    const all = new Map(
      [...kept.values()].flat().map(({ instance, field }) => [`${instance.name}.${field.name}`, { instance, field }]),
    );
    const names = [...all.keys()];
    for (const [index, { instance, field }] of [...all.values()].entries()) {
      const type = field.bits > 32 ? 'unsigned long long' : 'unsigned int';
      out.line(`${type} pif_kept_${index} = ${readField(instance.name, field).text};`);
    }
    out.line('control = pif_parse_and_verify();').line('if (control < 0) {').line('goto packet_done;').line('}');
    for (const [list, fields] of kept) {
      if (fields.length === 0) continue;
      out.line(`if (stage == ${AT.parsedEgress} && keep == ${list}) {`);
      for (const { instance, field } of fields) {
        const text = `pif_kept_${names.indexOf(`${instance.name}.${field.name}`)}`;
        for (const line of writeField(instance.name, field, { text, bits: field.bits })) out.line(line);
      }
      out.line('}');
    }
  }

  private ingress(): void {
    const { out, operations } = this;
    const standard = 'pif_headers.standard_metadata';
    out.line('if (pif_run_control(control) != 0) {').line('goto packet_done;').line('}');
    this.clone('i2i', AT.ingress, INSTANCE.ingressClone);
    this.clone('i2e', AT.parsedEgress, INSTANCE.ingressClone);
    if (operations.resubmit) this.again('resubmit', INSTANCE.resubmitted);
    if (this.hasMulticast) {
      out.line('if (pif_headers.intrinsic_metadata.mcast_grp != 0) {').line('unsigned int copy;');
      out.line(`for (copy = 0; copy < ${this.replicaRows().length}; copy++) {`).line('__xread unsigned int row[3];');
      out.line('mem_read32(row, &pif_replicas[copy * 4], 12);');
      out.line('if (row[0] == pif_headers.intrinsic_metadata.mcast_grp) {');
      this.putOne(AT.egress, `0x${KEEP_ALL.toString(16)}u`, INSTANCE.replica, 'row[1]', 'row[2]');
      out.line('}').line('}');
      out.line('goto packet_done;').line('}');
    }
    out.line(`if (${standard}.egress_spec == ${DROP_PORT}) {`).line('goto packet_done;').line('}');
    this.store('standard_metadata', 'egress_port', `${standard}.egress_spec`);
  }

  private egress(): void {
    const { out, model, operations } = this;
    const standard = 'pif_headers.standard_metadata';
    if (model.controls.has('egress')) {
      this.clear('egress');
      this.store('standard_metadata', 'egress_spec', '0');
      out.line('if (pif_control_egress() != 0) {').line('goto packet_done;').line('}');
    }
    this.clone('e2e', AT.egress, INSTANCE.egressClone);
    const dropped = `${standard}.egress_spec == ${DROP_PORT}`;
    const toIngress = operations.clones.has('e2i') ? 'pif_operations.e2i == 0 && ' : '';
    if (model.controls.has('egress')) out.line(`if (${toIngress}${dropped}) {`).line('goto packet_done;').line('}');
    out.line('if (pif_emit() != 0) {').line('goto packet_done;').line('}');
    this.clone('e2i', AT.ingress, INSTANCE.egressClone);
    if (toIngress !== '') out.line(`if (${dropped}) {`).line('goto packet_done;').line('}');
    if (operations.truncate) {
      const length = 'pif_pkt_info_global.pkt_len';
      out.line(`if (pif_operations.truncate != 0 && pif_operations.truncate < ${length}) {`);
      out.line(`${length} = pif_operations.truncate;`).line('}');
    }
    if (operations.recirculate) this.again('recirculate', INSTANCE.recirculated);
  }

  /** The packet as it lies in its buffer begins anew. */
  private again(member: 'resubmit' | 'recirculate', type: number): void {
    const { out } = this;
    out.line(`if (pif_operations.${member} != 0) {`);
    out.line(`pif_reset_metadata(pif_operations.${member} - 1);`);
    out.line(`pif_begin(pif_headers.standard_metadata.ingress_port, ${type});`);
    out.line(`stage = ${AT.ingress};`).line('continue;').line('}');
  }

  /** A clone waits; one to egress needs a session that has a port. */
  private clone(clone: Clone, stage: number, type: number): void {
    const { out, operations } = this;
    if (!operations.clones.has(clone)) return;
    const keep = `pif_operations.${clone} - 1`;
    out.line(`if (pif_operations.${clone} != 0) {`);
    if (clone.endsWith('e')) {
      out.line(`unsigned int port = pif_mirror_port(pif_operations.${clone}_session);`);
      out.line(`if (port != ${DROP_PORT}) {`);
      this.putOne(stage, keep, type, 'port', '0');
      out.line('}');
    } else {
      this.putOne(stage, keep, type, '0', '0');
    }
    out.line('}');
  }

  /** One more packet waits, if there is room. */
  private putOne(stage: number, keep: string, type: number, port: string, replica: string): void {
    const { out } = this;
    out.line(`if (made - taken < ${WAITING_PACKETS}) {`);
    out.line(`pif_put(made, ${stage}, ${keep}, ${type}, ${port}, ${replica});`).line('made++;').line('}');
  }
}
