import { z } from 'zod'
import { PortMapping } from './nouns/container/container.ts'

/** A rule of the host's firewall as a person finds it again. */
export const FirewallRule = z.object({
  /** As `iptables-save` or `nft list ruleset` prints it, or `policy drop`. */
  text: z.string().max(1000),
  /** With its family: `ip filter`. */
  table: z.string().max(200),
  chain: z.string().max(200),
})
export type FirewallRule = z.infer<typeof FirewallRule>

export const reachReasons = [
  /** The rules let it through or not: the one that is quoted, or none where there is none. */
  'rules',
  /** The quoted rule holds something that is not understood and may decide. */
  'notUnderstood',
  /** The rules of this host cannot be read, or are too many. */
  'rulesUnread',
  /** It is on the host's loopback alone. */
  'loopback',
  /** The host has no network that leads outside, or no such address. */
  'noAddress',
  /** The host does not pass packets on. */
  'notForwarding',
  /** The quoted rule leads to an address or a port that is not the container's. */
  'elsewhere',
  /** No program waits for it. */
  'nobodyListens',
] as const

/** Whether others reach a port of a host by one family of addresses. */
export const Reach = z.object({
  family: z.enum(['ipv4', 'ipv6']),
  verdict: z.enum(['yes', 'no', 'onlyFrom', 'unknown']),
  /** Of `onlyFrom`: the callers that get through, as `10.0.0.0/8`, `10.0.0.0/8 on eth1` or `eth1`. */
  from: z.array(z.string().max(200)).max(32),
  /** Of `onlyFrom`, where they are fewer: the callers that do not, and all others do. */
  notFrom: z.array(z.string().max(200)).max(32),
  reason: z.enum(reachReasons),
  rule: FirewallRule.nullable(),
})
export type Reach = z.infer<typeof Reach>

/** A published port of a container and who reaches it. */
export const PublishedPort = z.object({
  engine: z.string().max(60),
  containerId: z.string().max(200),
  port: PortMapping,
  reach: z.array(Reach).max(2),
})
export type PublishedPort = z.infer<typeof PublishedPort>

/** A port that a program has open on the host, and that no container has published. */
export const HeldPort = z.object({
  protocol: z.enum(['tcp', 'udp']),
  /** `0.0.0.0` and `::` are all addresses of the host. */
  address: z.string().max(60),
  port: z.int().min(1).max(65_535),
  /** Its name as the kernel knows it, at most 15 characters; empty where nobody can be found. */
  program: z.string().max(60),
  pid: z.int().nullable(),
  /** The container on the host's network that the program runs in. */
  container: z.object({ engine: z.string().max(60), id: z.string().max(200) }).nullable(),
  reach: z.array(Reach).max(2),
})
export type HeldPort = z.infer<typeof HeldPort>

/** The open ports of a host as they were at a moment; nothing watches them. */
export const HostPorts = z.object({
  at: z.iso.datetime(),
  published: z.array(PublishedPort).max(20_000),
  held: z.array(HeldPort).max(5000),
})
export type HostPorts = z.infer<typeof HostPorts>

/** The same with the platform's ids, of the containers that the caller sees. */
export const FleetHostPorts = z.object({
  hostId: z.string(),
  hostName: z.string(),
  at: z.iso.datetime(),
  published: z.array(PublishedPort.omit({ engine: true })).max(20_000),
  held: z.array(HeldPort.extend({ container: z.object({ id: z.string(), name: z.string() }).nullable() })).max(5000),
})
export type FleetHostPorts = z.infer<typeof FleetHostPorts>
