-- Wireshark dissector of the testbed's own protocols: the lambda header (UDP 4369), the management messages (UDP 4370),
-- and memcached over UDP (the frame header of 8 octets, then Wireshark's own memcache dissector).
--
--   wireshark -X lua_script:pcap/lambda-nic.lua results/<run>/captures/<link>.pcap
--
-- Offsets and meanings: docs/packet-formats.md.

-- Lambda header ------------------------------------------------------------------------------------------------------

local lambda = Proto("lnic", "Lambda-NIC Request")

local STATUS = {
  [0] = "OK",
  [1] = "Not found",
  [2] = "Bad request",
  [3] = "Backend failure",
  [4] = "Timeout",
  [5] = "Unknown function",
  [6] = "No capacity",
}

local RESPONSE, RDMA, KEEP = 0x0001, 0x0002, 0x0004
local LEASE_REQUEST, LEASE_ANSWER, LEASE_RELEASE = 0x0008, 0x0010, 0x0020
local FLAG_NAMES = {
  { RESPONSE, "response" },
  { RDMA, "rdma" },
  { KEEP, "keep" },
  { LEASE_REQUEST, "lease-request" },
  { LEASE_ANSWER, "lease-answer" },
  { LEASE_RELEASE, "lease-release" },
}

local f = {
  wid = ProtoField.uint32("lnic.wid", "Workload id"),
  request = ProtoField.uint32("lnic.request", "Request id"),
  fragment = ProtoField.uint16("lnic.fragment", "Fragment"),
  fragments = ProtoField.uint16("lnic.fragments", "Fragments"),
  flags = ProtoField.uint16("lnic.flags", "Flags", base.HEX),
  flag_response = ProtoField.bool("lnic.flags.response", "Response", 16, nil, RESPONSE),
  flag_rdma = ProtoField.bool("lnic.flags.rdma", "RDMA event", 16, nil, RDMA),
  flag_keep = ProtoField.bool("lnic.flags.keep", "Keep the result on the NIC", 16, nil, KEEP),
  flag_lease_request = ProtoField.bool("lnic.flags.lease_request", "Lease request", 16, nil, LEASE_REQUEST),
  flag_lease_answer = ProtoField.bool("lnic.flags.lease_answer", "Lease answer", 16, nil, LEASE_ANSWER),
  flag_lease_release = ProtoField.bool("lnic.flags.lease_release", "Lease release", 16, nil, LEASE_RELEASE),
  status = ProtoField.uint16("lnic.status", "Status", base.DEC, STATUS),
  length = ProtoField.uint32("lnic.length", "Message length"),
  name_length = ProtoField.uint8("lnic.name_length", "Name length"),
  name = ProtoField.string("lnic.name", "Function"),
  body = ProtoField.bytes("lnic.body", "Body"),
  lease_id = ProtoField.uint32("lnic.lease.id", "Lease id"),
  lease_slot = ProtoField.uint32("lnic.lease.slot", "Slot"),
  lease_slot_octets = ProtoField.uint32("lnic.lease.slot_octets", "Input octets of the slot"),
  lease_input = ProtoField.uint32("lnic.lease.input_octets", "Input octets"),
  lease_output = ProtoField.uint32("lnic.lease.output_octets", "Output octets"),
  lease_wid = ProtoField.uint32("lnic.lease.wid", "Lambda id"),
  lease_ip = ProtoField.ipv4("lnic.lease.address", "Worker address"),
  lease_mac = ProtoField.ether("lnic.lease.mac", "MAC"),
  lease_qpn = ProtoField.uint32("lnic.lease.qpn", "Queue pair", base.HEX),
  lease_psn = ProtoField.uint32("lnic.lease.psn", "Start PSN"),
  lease_rkey = ProtoField.uint32("lnic.lease.rkey", "Remote key", base.HEX),
  lease_va = ProtoField.uint64("lnic.lease.va", "Memory address", base.HEX),
  lease_flags = ProtoField.uint32("lnic.lease.flags", "Lambda flags", base.HEX),
}
lambda.fields = f

local e_truncated = ProtoExpert.new(
  "lnic.truncated", "The packet ends inside the header", expert.group.MALFORMED, expert.severity.ERROR)
local e_fragment = ProtoExpert.new(
  "lnic.bad_fragment", "Fragment index is not below the fragment count", expert.group.MALFORMED, expert.severity.ERROR)
lambda.experts = { e_truncated, e_fragment }

local HEADER_OCTETS = 20

local function flag_text(flags)
  local names = {}
  for _, flag in ipairs(FLAG_NAMES) do
    if bit.band(flags, flag[1]) ~= 0 then names[#names + 1] = flag[2] end
  end
  return table.concat(names, ",")
end

local function lease_request(body, tree)
  tree:add(f.lease_input, body(0, 4))
  tree:add(f.lease_output, body(4, 4))
  tree:add(f.lease_qpn, body(8, 4))
  tree:add(f.lease_psn, body(12, 4))
  tree:add(f.lease_rkey, body(16, 4))
  tree:add(f.lease_va, body(20, 8))
  tree:add(f.lease_mac, body(28, 6))
  tree:add(f.lease_flags, body(36, 4))
end

local function lease_answer(body, tree)
  tree:add(f.lease_wid, body(0, 4))
  tree:add(f.lease_ip, body(4, 4))
  tree:add(f.lease_mac, body(8, 6))
  tree:add(f.lease_qpn, body(16, 4))
  tree:add(f.lease_psn, body(20, 4))
  tree:add(f.lease_rkey, body(24, 4))
  tree:add(f.lease_va, body(28, 8))
  tree:add(f.lease_slot, body(36, 4))
  tree:add(f.lease_slot_octets, body(40, 4))
  tree:add(f.lease_id, body(44, 4))
end

-- The 20 octets of the header at the start of the buffer.
local function dissect_header(tvb, tree)
  tree:add(f.wid, tvb(0, 4))
  tree:add(f.request, tvb(4, 4))
  tree:add(f.fragment, tvb(8, 2))
  tree:add(f.fragments, tvb(10, 2))
  if tvb(8, 2):uint() >= tvb(10, 2):uint() then tree:add_proto_expert_info(e_fragment) end
  local flag_tree = tree:add(f.flags, tvb(12, 2))
  for _, field in ipairs({ f.flag_response, f.flag_rdma, f.flag_keep, f.flag_lease_request, f.flag_lease_answer,
    f.flag_lease_release }) do
    flag_tree:add(field, tvb(12, 2))
  end
  tree:add(f.status, tvb(14, 2))
  tree:add(f.length, tvb(16, 4))
end

function lambda.dissector(tvb, pinfo, root)
  pinfo.cols.protocol = "LNIC"
  local tree = root:add(lambda, tvb())
  if tvb:len() < HEADER_OCTETS then
    tree:add_proto_expert_info(e_truncated)
    return tvb:len()
  end
  local wid, request = tvb(0, 4):uint(), tvb(4, 4):uint()
  local fragment, fragments = tvb(8, 2):uint(), tvb(10, 2):uint()
  local flags, status, length = tvb(12, 2):uint(), tvb(14, 2):uint(), tvb(16, 4):uint()
  dissect_header(tvb, tree)

  local info = string.format("lambda %u request %u", wid, request)
  if flags ~= 0 then info = info .. " [" .. flag_text(flags) .. "]" end
  if fragments ~= 1 then info = info .. string.format(" fragment %u/%u", fragment, fragments) end
  if status ~= 0 then info = info .. " " .. (STATUS[status] or ("status " .. status)) end

  -- From a client: the function's name goes before the body.
  local at = HEADER_OCTETS
  local is_response = bit.band(flags, RESPONSE) ~= 0
  if wid == 0 and not is_response and bit.band(flags, LEASE_ANSWER) == 0 and tvb:len() > at then
    local name_octets = tvb(at, 1):uint()
    if name_octets == 0 or at + 1 + name_octets > tvb:len() then
      tree:add_proto_expert_info(e_truncated)
    else
      tree:add(f.name_length, tvb(at, 1))
      tree:add(f.name, tvb(at + 1, name_octets))
      info = info .. " " .. tvb(at + 1, name_octets):string()
      at = at + 1 + name_octets
    end
  end
  if tvb:len() > at then
    local body = tvb(at)
    local body_tree = tree:add(f.body, body)
    if bit.band(flags, LEASE_REQUEST) ~= 0 and body:len() >= 40 then lease_request(body, body_tree) end
    if bit.band(flags, LEASE_ANSWER) ~= 0 and body:len() >= 48 then lease_answer(body, body_tree) end
    if bit.band(flags, LEASE_RELEASE) ~= 0 and not is_response and body:len() >= 4 then
      body_tree:add(f.lease_id, body(0, 4))
    end
  end
  pinfo.cols.info = info .. string.format(", length %u", length)
  return tvb:len()
end

-- Messages in memory -------------------------------------------------------------------------------------------------
-- RDMA WRITEs carry a head of 32 octets (a lambda header and 12 zero octets), then input or output. Claiming these
-- payloads also keeps Wireshark from reading pixels that happen to look like an EtherType as a packet.

local memory = Proto("lnic_rdma", "Lambda-NIC Message in Memory")

local HEAD_OCTETS = 32
local WRITE_FIRST, WRITE_ONLY, WRITE_ONLY_IMMEDIATE = 6, 10, 11
local r = {
  head = ProtoField.none("lnic_rdma.head", "Message head"),
  data = ProtoField.bytes("lnic_rdma.data", "Data"),
}
memory.fields = r

local opcode_field = Field.new("infiniband.bth.opcode")

local function is_head(tvb)
  if tvb:len() < HEAD_OCTETS or tvb(8, 4):uint() ~= 1 then return false end
  return tvb(20, 4):uint() == 0 and tvb(24, 4):uint() == 0 and tvb(28, 4):uint() == 0
end

local function dissect_memory(tvb, pinfo, root)
  local opcode = opcode_field()
  if opcode == nil or opcode.value < WRITE_FIRST or opcode.value > WRITE_ONLY_IMMEDIATE then return false end
  local tree = root:add(memory, tvb())
  local starts_message = opcode.value == WRITE_FIRST or opcode.value >= WRITE_ONLY
  local at = 0
  if starts_message and is_head(tvb) then
    dissect_header(tvb, tree:add(r.head, tvb(0, HEAD_OCTETS)))
    pinfo.cols.info:append(string.format(" lambda %u request %u, length %u",
      tvb(0, 4):uint(), tvb(4, 4):uint(), tvb(16, 4):uint()))
    at = HEAD_OCTETS
  end
  if tvb:len() > at then tree:add(r.data, tvb(at)) end
  return true
end

memory:register_heuristic("infiniband.payload", dissect_memory)

-- Management ---------------------------------------------------------------------------------------------------------

local management = Proto("lnic_mgmt", "Lambda-NIC Management")

local TYPES = {
  [1] = "FIRMWARE_BEGIN",
  [2] = "FIRMWARE_CHUNK",
  [3] = "FIRMWARE_ACK",
  [4] = "FIRMWARE_LOAD",
  [5] = "FIRMWARE_LOADED",
  [6] = "LEASE_INSTALL",
  [7] = "LEASE_INSTALLED",
  [8] = "LEASE_DONE",
  [9] = "LEASE_FREE",
  [10] = "ACK",
}

local m = {
  type = ProtoField.uint8("lnic_mgmt.type", "Type", base.DEC, TYPES),
  version = ProtoField.uint8("lnic_mgmt.version", "Version"),
  nic = ProtoField.uint8("lnic_mgmt.nic", "NIC of the worker"),
  transaction = ProtoField.uint32("lnic_mgmt.transaction", "Transaction"),
  length = ProtoField.uint32("lnic_mgmt.length", "Body length"),
  octets = ProtoField.uint32("lnic_mgmt.octets", "Firmware octets"),
  sha256 = ProtoField.bytes("lnic_mgmt.sha256", "SHA-256"),
  offset = ProtoField.uint32("lnic_mgmt.offset", "Offset"),
  data = ProtoField.bytes("lnic_mgmt.data", "Firmware"),
  next_offset = ProtoField.uint32("lnic_mgmt.next_offset", "Next offset"),
  status = ProtoField.uint16("lnic_mgmt.status", "Status", base.DEC, STATUS),
  lease_id = ProtoField.uint32("lnic_mgmt.lease_id", "Lease id"),
  slot = ProtoField.uint32("lnic_mgmt.slot", "Slot"),
  wid = ProtoField.uint32("lnic_mgmt.wid", "Lambda id"),
  client = ProtoField.ipv4("lnic_mgmt.client", "Client address"),
  mac = ProtoField.ether("lnic_mgmt.mac", "Client MAC"),
  qpn = ProtoField.uint32("lnic_mgmt.qpn", "Queue pair", base.HEX),
  psn = ProtoField.uint32("lnic_mgmt.psn", "Start PSN"),
  rkey = ProtoField.uint32("lnic_mgmt.rkey", "Remote key", base.HEX),
  va = ProtoField.uint64("lnic_mgmt.va", "Memory address", base.HEX),
  flags = ProtoField.uint32("lnic_mgmt.flags", "Lambda flags", base.HEX),
}
management.fields = m

local e_length = ProtoExpert.new(
  "lnic_mgmt.bad_length", "The body does not have the length of its type", expert.group.MALFORMED, expert.severity.ERROR)
management.experts = { e_length }

-- Least octets of body, and a list of {field, offset, octets}; 0 octets means the rest.
local BODIES = {
  [1] = { 36, { { m.octets, 0, 4 }, { m.sha256, 4, 32 } } },
  [2] = { 4, { { m.offset, 0, 4 }, { m.data, 4, 0 } } },
  [3] = { 4, { { m.next_offset, 0, 4 } } },
  [4] = { 0, {} },
  [5] = { 36, { { m.status, 0, 2 }, { m.sha256, 4, 32 } } },
  [6] = { 48, {
    { m.lease_id, 0, 4 }, { m.slot, 4, 4 }, { m.wid, 8, 4 }, { m.client, 12, 4 }, { m.mac, 16, 6 },
    { m.qpn, 24, 4 }, { m.psn, 28, 4 }, { m.rkey, 32, 4 }, { m.va, 36, 8 }, { m.flags, 44, 4 },
  } },
  [7] = { 28, {
    { m.lease_id, 0, 4 }, { m.status, 4, 2 }, { m.qpn, 8, 4 }, { m.psn, 12, 4 }, { m.rkey, 16, 4 }, { m.va, 20, 8 },
  } },
  [8] = { 12, { { m.lease_id, 0, 4 }, { m.slot, 4, 4 }, { m.status, 8, 2 } } },
  [9] = { 8, { { m.lease_id, 0, 4 }, { m.slot, 4, 4 } } },
  [10] = { 0, {} },
}

function management.dissector(tvb, pinfo, root)
  pinfo.cols.protocol = "LNIC-MGMT"
  local tree = root:add(management, tvb())
  if tvb:len() < 12 then
    tree:add_proto_expert_info(e_length)
    return tvb:len()
  end
  local message_type = tvb(0, 1):uint()
  tree:add(m.type, tvb(0, 1))
  tree:add(m.version, tvb(1, 1))
  tree:add(m.nic, tvb(2, 1))
  tree:add(m.transaction, tvb(4, 4))
  tree:add(m.length, tvb(8, 4))
  pinfo.cols.info = string.format("%s transaction %u", TYPES[message_type] or ("type " .. message_type), tvb(4, 4):uint())
  local body = BODIES[message_type]
  local octets = tvb:len() - 12
  if body == nil or octets < body[1] or tvb(8, 4):uint() ~= octets then
    tree:add_proto_expert_info(e_length)
    return tvb:len()
  end
  for _, part in ipairs(body[2]) do
    local size = part[3] == 0 and octets - part[2] or part[3]
    if size > 0 then tree:add(part[1], tvb(12 + part[2], size)) end
  end
  return tvb:len()
end

-- memcached over UDP -------------------------------------------------------------------------------------------------

local memcached = Proto("memcached_udp", "Memcached UDP Frame")

local c = {
  request = ProtoField.uint16("memcached_udp.request", "Request id"),
  sequence = ProtoField.uint16("memcached_udp.sequence", "Datagram"),
  total = ProtoField.uint16("memcached_udp.total", "Datagrams"),
  reserved = ProtoField.uint16("memcached_udp.reserved", "Reserved"),
  continuation = ProtoField.bytes("memcached_udp.continuation", "Continuation"),
}
memcached.fields = c

local e_frame = ProtoExpert.new(
  "memcached_udp.bad_frame", "The frame header is wrong", expert.group.MALFORMED, expert.severity.ERROR)
memcached.experts = { e_frame }

local builtin = Dissector.get("memcache.udp")

function memcached.dissector(tvb, pinfo, root)
  pinfo.cols.protocol = "MEMCACHED"
  local tree = root:add(memcached, tvb(0, math.min(8, tvb:len())))
  if tvb:len() < 8 then
    tree:add_proto_expert_info(e_frame)
    return tvb:len()
  end
  tree:add(c.request, tvb(0, 2))
  tree:add(c.sequence, tvb(2, 2))
  tree:add(c.total, tvb(4, 2))
  tree:add(c.reserved, tvb(6, 2))
  local request, sequence, total = tvb(0, 2):uint(), tvb(2, 2):uint(), tvb(4, 2):uint()
  if sequence >= total then tree:add_proto_expert_info(e_frame) end
  if tvb:len() > 8 then
    if sequence == 0 then
      builtin:call(tvb(8):tvb(), pinfo, root)
    else
      tree:add(c.continuation, tvb(8))
    end
  end
  pinfo.cols.info:prepend(string.format("request %u datagram %u/%u: ", request, sequence, total))
  return tvb:len()
end

local udp_ports = DissectorTable.get("udp.port")
udp_ports:add(4369, lambda)
udp_ports:add(4370, management)
udp_ports:add(11211, memcached)
