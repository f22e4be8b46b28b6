/*
 * The star of the testbed's benchmark in ns-3: a bridge with `--nodes` stations on 10 Gb/s links, the first of which keeps
 * `--outstanding` messages of `--frames` frames on their way to the others in turn; each answers with one frame. No
 * protocol above Ethernet: stations act in the receive callbacks of their devices. Prints frame hops and messages a
 * second of wall time, as one line of JSON.
 */
#include <chrono>
#include <ctime>
#include <iostream>
#include <vector>

#include "ns3/bridge-module.h"
#include "ns3/core-module.h"
#include "ns3/csma-module.h"
#include "ns3/network-module.h"

using namespace ns3;

namespace {

constexpr uint16_t kEtherType = 0x0800;
constexpr double kPipelineNs = 500;

struct Star {
  uint32_t messages = 0;
  uint32_t frames = 1;
  uint32_t octets = 86;
  uint32_t started = 0;
  uint32_t completed = 0;
  uint64_t hops = 0;
  std::vector<Ptr<NetDevice>> stations;
  std::vector<uint32_t> received;

  void StartMessage() {
    if (started == messages) return;
    const uint32_t worker = 1 + started % (stations.size() - 1);
    started++;
    for (uint32_t i = 0; i < frames; i++) {
      hops += 2;
      stations[0]->Send(Create<Packet>(octets), stations[worker]->GetAddress(), kEtherType);
    }
  }

  bool AtWorker(Ptr<NetDevice> device, Ptr<const Packet>, uint16_t, const Address& from) {
    // Only whole messages are answered.
    uint32_t& count = received[device->GetNode()->GetId()];
    if (++count % frames != 0) return true;
    hops += 2;
    device->Send(Create<Packet>(86), from, kEtherType);
    return true;
  }

  bool AtClient(Ptr<NetDevice>, Ptr<const Packet>, uint16_t, const Address&) {
    completed++;
    StartMessage();
    return true;
  }
};

}  // namespace

int main(int argc, char* argv[]) {
  uint32_t nodes = 5;
  uint32_t outstanding = 1;
  Star star;
  CommandLine options(__FILE__);
  options.AddValue("nodes", "stations of the star, the client among them", nodes);
  options.AddValue("outstanding", "messages on their way at once", outstanding);
  options.AddValue("messages", "messages of the run", star.messages);
  options.AddValue("frames", "frames of a message", star.frames);
  options.AddValue("octets", "payload octets of a frame", star.octets);
  options.Parse(argc, argv);

  NodeContainer stations(nodes);
  Ptr<Node> bridge = CreateObject<Node>();
  CsmaHelper links;
  links.SetChannelAttribute("DataRate", StringValue("10Gbps"));
  links.SetChannelAttribute("Delay", TimeValue(NanoSeconds(109)));
  links.SetQueue("ns3::DropTailQueue", "MaxSize", StringValue("10000p"));
  NetDeviceContainer ports;
  for (uint32_t i = 0; i < nodes; i++) {
    NetDeviceContainer pair = links.Install(NodeContainer(stations.Get(i), bridge));
    star.stations.push_back(pair.Get(0));
    ports.Add(pair.Get(1));
  }
  BridgeHelper().Install(bridge, ports);
  star.received.resize(nodes + 1);
  star.stations[0]->SetReceiveCallback(MakeCallback(&Star::AtClient, &star));
  for (uint32_t i = 1; i < nodes; i++) star.stations[i]->SetReceiveCallback(MakeCallback(&Star::AtWorker, &star));
  for (uint32_t i = 0; i < outstanding; i++)
    Simulator::ScheduleWithContext(0, NanoSeconds(kPipelineNs * (i + 1)), &Star::StartMessage, &star);

  const std::clock_t cpuStart = std::clock();
  const auto start = std::chrono::steady_clock::now();
  Simulator::Run();
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  Simulator::Destroy();
  const double cpuSeconds = static_cast<double>(std::clock() - cpuStart) / CLOCKS_PER_SEC;
  std::cout << "{\"seconds\":" << seconds.count() << ",\"cpuSeconds\":" << cpuSeconds << ",\"messages\":" << star.completed << ",\"hops\":" << star.hops << "}" << std::endl;
  return star.completed == star.messages ? 0 : 1;
}
