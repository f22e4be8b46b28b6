import type { P4Model } from '../../3-analyze/p4/model.ts';
import { DROP_PORT } from './actions.ts';
import { lengthMember } from './extract.ts';
import { hasField, memberName, storeMetadata, validWordCount, validWordName } from './fields.ts';
import { FRAME_SKEW_OCTETS } from './frame.ts';
import { type Clone, packetOperations } from './packet-operations.ts';
import type { ProgramRules } from './program-rules.ts';
import type { GeneratedText } from './text.ts';

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
export const KEEP_ALL = 0xffff_ffff;

/** Object that counts the packets for which no place was left. */
export const LOST_PACKETS = 'pif_packets_lost';

/**
 * Packets that a context keeps while it handles another, with all that is known of them: clones and replicas. They wait in
 * EMEM, a few for each context.
 */
export class WaitingPackets {
  private readonly model: P4Model;
  private readonly rules: ProgramRules;
  private readonly out: GeneratedText;
  private readonly clones: ReadonlySet<Clone>;
  /** Words of the parsed packet, as C reads and writes them. */
  private readonly words: readonly string[];

  constructor(model: P4Model, rules: ProgramRules, out: GeneratedText) {
    this.model = model;
    this.rules = rules;
    this.out = out;
    this.clones = packetOperations(model).clones;
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

  /** Whether rules give replicas of packets, and the program asks for them. */
  get hasMulticast(): boolean {
    return hasField(this.model, 'intrinsic_metadata', 'mcast_grp') && this.replicaRows().length > 0;
  }

  get isUsed(): boolean {
    return this.clones.size > 0 || this.hasMulticast;
  }

  private get itemWords(): number {
    const parsed = Math.ceil(this.words.length / BLOCK_WORDS) * BLOCK_WORDS;
    return DESCRIPTION_WORDS + parsed + FRAME_OCTETS / 4;
  }

  private get frameAt(): number {
    return this.itemWords - FRAME_OCTETS / 4;
  }

  /** The functions with which packets wait and go on, `pif_put`, `pif_take` and `pif_mirror_port`. */
  write(): void {
    if (this.isUsed) this.queue();
    if (this.clones.size > 0) this.sessions();
  }

  /** Packets that wait, in EMEM: description, parsed packet, frame. */
  private queue(): void {
    const { out } = this;
    out.line(`__mem unsigned int ${LOST_PACKETS}[1];`);
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
    storeMetadata(this.model, 'standard_metadata', 'egress_port', 'taken[3]', out);
    storeMetadata(this.model, 'standard_metadata', 'egress_instance', 'taken[4]', out);
    storeMetadata(this.model, 'intrinsic_metadata', 'egress_rid', 'taken[4]', out);
    out.line('return taken[0] | (taken[1] << 2);').line('}');
  }

  /** Group, port, replication id, 0. */
  replicaRows(): number[][] {
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

  /** Statements with which one more packet waits, if there is room; it is counted when there is none. */
  putOne(stage: number, keep: string, type: number, port: string, replica: string): void {
    const { out } = this;
    out.line(`if (made - taken < ${WAITING_PACKETS}) {`);
    out.line(`pif_put(made, ${stage}, ${keep}, ${type}, ${port}, ${replica});`).line('made++;').line('}');
    out.line('else {').line(`mem_incr32(${LOST_PACKETS});`).line('}');
  }
}
