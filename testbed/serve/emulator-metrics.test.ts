import { expect, test } from 'vitest';
import { emulatorMetrics } from './emulator-metrics.ts';

const port = { framesSent: 5, octetsSent: 500, framesDropped: 0, octetsDropped: 0, maximumQueueOctets: 128 };

test('counters become series: in snake case and seconds, with node, port, lambda and link as labels', () => {
  const parts = [
    {
      nowPs: 1_500_000_000_000,
      nodes: {
        switch: { framesForwarded: 7, 'switch.1.ifInOctets': 640 },
        m2: { 'requests_web-server': 3, host_cpuBusyPs: 2_000_000_000_000, npu_queueMaximum: 4 },
      },
      ports: [{ direction: 'cable:m2.eth0->switch.1', ...port }],
    },
  ];
  const text = emulatorMetrics(parts, (node) => (node === 'switch' ? 'switch' : 'worker'));
  const samples = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  expect(samples).toEqual([
    'lnic_switch_frames_forwarded_total{node="switch"} 7',
    'lnic_switch_port_if_in_octets_total{node="switch",port="switch.1"} 640',
    'lnic_nic_requests_total{node="m2",function_name="web-server"} 3',
    'lnic_host_cpu_busy_seconds_total{node="m2"} 2',
    'lnic_npu_queue_maximum{node="m2"} 4',
    'lnic_link_frames_sent_total{link="cable",from="m2.eth0",to="switch.1"} 5',
    'lnic_link_octets_sent_total{link="cable",from="m2.eth0",to="switch.1"} 500',
    'lnic_link_frames_dropped_total{link="cable",from="m2.eth0",to="switch.1"} 0',
    'lnic_link_octets_dropped_total{link="cable",from="m2.eth0",to="switch.1"} 0',
    'lnic_link_maximum_queue_octets{link="cable",from="m2.eth0",to="switch.1"} 128',
    'lnic_emulated_time_seconds 1.5',
  ]);
  expect(text).toContain('# TYPE lnic_link_maximum_queue_octets gauge\n');
  expect(text).toContain('# TYPE lnic_host_cpu_busy_seconds_total counter\n');
});
