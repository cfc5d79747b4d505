import { addressNumber } from '../addresses.ts'
import type { Box } from './boxes.ts'

/** Sends a frame by a link, four times within 1.2 seconds: who was told of a place takes another only after one. */
const script = `my ($index, $hex) = @ARGV;
socket(my $socket, 17, 3, 0) or die "socket: $!";
for (1 .. 4) {
  send($socket, pack('H*', $hex), 0, pack('S n L S C C a8', 17, 0, $index, 1, 0, 6, '')) or die "send: $!";
  select(undef, undef, undef, 0.4) if $_ < 4;
}`

/** As a program in a box with NET_RAW can: whatever bytes it likes. */
export async function sendFrame(box: Box, frame: Buffer): Promise<void> {
  const index = (await box.sh('ip -o link show dev eth0')).split(':')[0] ?? ''
  await box.run(['perl', '-e', script, index, frame.toString('hex')])
}

/** Who a frame is from or for. */
export interface Party {
  mac: string
  ipv4: string
  ipv6: string
}

const macBytes = (mac: string) => Buffer.from(mac.replaceAll(':', ''), 'hex')
const bytesOf = (address: string, length: number) =>
  Buffer.from((addressNumber(address) ?? 0n).toString(16).padStart(length * 2, '0'), 'hex')
const ethernet = (to: string, from: string, type: number, body: Buffer) =>
  Buffer.concat([macBytes(to), macBytes(from), Buffer.from([type >> 8, type & 255]), body])

/** The Internet checksum (RFC 1071). */
function checksum(bytes: Buffer): number {
  let sum = 0
  for (let at = 0; at < bytes.length; at += 2) sum += (bytes[at] ?? 0) * 256 + (bytes[at + 1] ?? 0)
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16)
  return ~sum & 0xffff
}

/** Tells `to` that `claimed` is at the hardware address of `from` (RFC 826). An operation of 1 asks, 2 answers. */
export function arp(from: Pick<Party, 'mac'>, to: Party, claimed: string, operation = 2, sender = from.mac): Buffer {
  const head = Buffer.from([0, 1, 8, 0, 6, 4, 0, operation])
  const parts = [head, macBytes(sender), bytesOf(claimed, 4), macBytes(to.mac), bytesOf(to.ipv4, 4)]
  return ethernet(to.mac, from.mac, 0x0806, Buffer.concat(parts))
}

/** The same as a neighbour advertisement that overrides (RFC 4861, 4.4), or as another message of ICMPv6 with that body. */
export function advertisement(from: Party, to: Party, claimed: string, source = from.ipv6, type = 136): Buffer {
  const message = Buffer.concat([
    Buffer.from([type, 0, 0, 0, 0x20, 0, 0, 0]),
    bytesOf(claimed, 16),
    Buffer.from([2, 1]),
    macBytes(from.mac),
  ])
  const ends = Buffer.concat([bytesOf(source, 16), bytesOf(to.ipv6, 16)])
  message.writeUInt16BE(
    checksum(Buffer.concat([ends, Buffer.from([0, 0, 0, message.length, 0, 0, 0, 58]), message])),
    2,
  )
  const head = Buffer.from([0x60, 0, 0, 0, 0, message.length, 58, 255])
  return ethernet(to.mac, from.mac, 0x86dd, Buffer.concat([head, ends, message]))
}

/** A datagram to port 9 of `to`, from whatever address of IPv4. */
export function datagram(from: Pick<Party, 'mac'>, to: Party, source: string): Buffer {
  const head = Buffer.from([0x45, 0, 0, 28, 0, 0, 0, 0, 64, 17, 0, 0, ...bytesOf(source, 4), ...bytesOf(to.ipv4, 4)])
  head.writeUInt16BE(checksum(head), 10)
  return ethernet(to.mac, from.mac, 0x0800, Buffer.concat([head, Buffer.from([0, 9, 0, 9, 0, 8, 0, 0])]))
}

/** The same frame behind a tag of IEEE 802.1Q with the number 0, which its receiver takes off. */
export const tagged = (frame: Buffer): Buffer =>
  Buffer.concat([frame.subarray(0, 12), Buffer.from([0x81, 0, 0, 0]), frame.subarray(12)])
