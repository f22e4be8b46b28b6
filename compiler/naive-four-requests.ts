import type { FirmwareImage } from '../npu/image/firmware-image.ts';
import type { NicProfile } from '../npu/profile.ts';
import { Bench } from './lambda-bench.ts';
import { CLIENT, lambdaFrame, lambdaMessage, readEnds, text, turned, udpFrame, words } from './lambda-frames.ts';
import { NAIVE_FOUR_IDS } from './naive-four.ts';

/** Pixels of the image that is made grey: three packets. */
const PIXELS = 700;

/**
 * Runs a request of each of the naive four on an idle NIC, memcached answering at once.
 * @returns core cycles from a request's last packet to its answer (the clients': both invocations), mean of the four
 */
export function measureNaiveFour(profile: NicProfile, image: FirmwareImage): number {
  const bench = new Bench(profile, image);
  const cyclesOf = (frames: readonly Uint8Array[]) => {
    const sent = bench.exchange(frames, 0, 10_000);
    if (sent.length !== 1) throw new Error(`${sent.length} frames answer a request of the naive four`);
    return { cycles: sent[0]!.cycle - (frames.length - 1) * 10_000, frame: sent[0]!.frame };
  };
  const withMemcached = (request: Uint8Array, says: string): number => {
    const asked = cyclesOf([request]);
    const head = asked.frame.slice(42, 50);
    const back = udpFrame(turned(readEnds(asked.frame)), Uint8Array.from([...head, ...text(says)]));
    return asked.cycles + cyclesOf([back]).cycles;
  };
  const request = (lambda: keyof typeof NAIVE_FOUR_IDS, body: Uint8Array): Uint8Array =>
    lambdaFrame(CLIENT, { wId: NAIVE_FOUR_IDS[lambda], requestId: 1 }, body);
  const pixels = Uint8Array.from({ length: PIXELS * 4 }, (_, i) => i & 0xff);
  const image_ = lambdaMessage(CLIENT, { wId: NAIVE_FOUR_IDS['image-transformer'], requestId: 2 }, pixels);
  const all = [
    withMemcached(request('profile-reader', words(7)), 'VALUE u00000007 0 8\r\n00c0ffee\r\nEND\r\n'),
    withMemcached(request('profile-writer', words(7, 8)), 'STORED\r\n'),
    cyclesOf([request('web-server', words(3))]).cycles,
    cyclesOf(image_).cycles,
  ];
  return all.reduce((sum, cycles) => sum + cycles, 0) / all.length;
}
