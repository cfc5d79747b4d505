import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { connect as connectSocket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { FlotillaError } from '@flotilla/protocol'
import type { FakeHost } from '../fake/engine.ts'
import type { TestHost } from './subject.ts'

const answerMs = 2000

/** The files of this machine in a folder of its own until `remove`, and the ports that are published at an address. */
export async function thisMachine(address = '127.0.0.1'): Promise<TestHost> {
  const folder = await mkdtemp(join(tmpdir(), 'flotilla-contract-'))
  await mkdir(join(folder, 'shared'))
  return {
    folder: join(folder, 'shared'),
    readFile: (path) => readFile(path, 'utf8'),
    writeFile: (path, text) => writeFile(path, text),
    async connect(port) {
      const socket = connectSocket(port, address)
      await once(socket, 'connect')
      return socket
    },
    exchange: (port, datagram) => exchange(address, port, datagram),
    echo,
    look: {
      lent,
      page: (at) => `timeout 3 /usr/bin/bash -c '${httpGet(at)}'`,
      names: (name, servers) => `/usr/bin/perl -e '${askNames}' ${[name, ...servers].join(' ')}`,
      ping: (at) => `/usr/bin/perl -e '${ping}' ${at}`,
      links: 'cd /sys/class/net; for one in *; do echo $one $(cat $one/address $one/mtu); done',
      addresses: 'ip -4 -o address',
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  }
}

/** The machine of a fake engine. */
export function fakeMachine(host: FakeHost): TestHost {
  return {
    folder: '/srv',
    readFile: (path) => Promise.resolve(host.files.get(path)?.text ?? ''),
    writeFile: (path, text) => Promise.resolve(void host.files.set(path, { text })),
    connect: (port) => Promise.resolve(host.connect(port)),
    exchange: (port, datagram) => Promise.resolve(host.exchange(port, datagram)),
    echo: (port) => ({ command: ['udp-echo', String(port)] }),
    look: {
      lent: [],
      page: (at) => `fetch ${at} 8080`,
      names,
      ping: () => 'echo answered',
      links: 'ip',
      addresses: 'ip',
    },
    remove: () => Promise.resolve(),
  }
}

/** In the words of bash: busybox without libraries finds no names. */
const httpGet = (at: string) =>
  `exec 3<>/dev/tcp/${at}/8080 && printf "GET / HTTP/1.0\\r\\n\\r\\n" >&3 && tail -n 1 <&3`

/** In Perl, which needs no resolver of the container: that one asks its servers in turn, and again, for long. */
const askNames = String.raw`
use IO::Socket::INET;
use IO::Select;
my ($name, @servers) = @ARGV;
open my $file, "<", "/etc/resolv.conf" or die "no servers: $!";
while (<$file>) { push @servers, $1 if /^nameserver\s+([0-9.]+)/ }
my $question = join("", map { pack "C/a*", $_ } split /[.]/, $name) . pack("Cnn", 0, 1, 1);
my $asked = IO::Select->new;
for (@servers) {
  my $socket = IO::Socket::INET->new(Proto => "udp", PeerAddr => $_, PeerPort => 53) or next;
  $asked->add($socket) if defined $socket->send(pack("n6", 7, 0x100, 1, 0, 0, 0) . $question);
}
while ($asked->count and my @answered = $asked->can_read(1.5)) {
  for my $socket (@answered) {
    $asked->remove($socket);
    defined $socket->recv(my $answer, 1500) or next;
    my ($count, $at) = (unpack("x6 n", $answer), 12 + length $question);
    for (1 .. $count) {
      while (my $bytes = ord substr $answer, $at, 1) { $at += 1 + ($bytes < 192 ? $bytes : 0); last if $bytes >= 192 }
      my ($type, $bytes) = unpack "x$at x n x6 n", $answer;
      $at += 11;
      print join(".", unpack "x$at C4", $answer), "\n" if $type == 1;
      $at += $bytes;
    }
  }
}
`

/** In Perl: busybox asks for a raw socket, which takes a capability. */
const ping = String.raw`
use Socket;
socket(my $socket, PF_INET, SOCK_DGRAM, 1) or die "no socket for echo requests: $!";
send($socket, pack("C2 n3", 8, 0, 0, 0, 1) . "ping", 0, pack_sockaddr_in(0, inet_aton(shift))) or die "not sent: $!";
vec(my $ready = "", fileno($socket), 1) = 1;
select($ready, undef, undef, 3) and recv($socket, my $answer, 100, 0);
print "answered\n" if unpack("C", $answer) == 0 and $answer =~ /ping$/;
`

const names: TestHost['look']['names'] = (name, servers) => `names ${[name, ...servers].join(' ')}`

/** Each try from a port of its own: the kernel remembers where the datagrams of a pair of ports went before. */
async function exchange(address: string, port: number, datagram: string): Promise<string> {
  const socket = createSocket('udp4')
  try {
    socket.connect(port, address)
    await once(socket, 'connect')
    const answer = once(socket, 'message', { signal: AbortSignal.timeout(answerMs) })
    socket.send(datagram)
    const [said] = (await answer) as [Buffer]
    return said.toString()
  } catch (error) {
    throw new FlotillaError('TIMEOUT', `Nothing came back from the UDP port ${port}.`, { cause: error })
  } finally {
    socket.close()
  }
}

/** What a container of busybox lacks, of this machine: Perl and its libraries. */
export const lent = [
  ['/usr', '/usr'],
  ['/usr/lib', '/lib'],
  ['/usr/lib64', '/lib64'],
].map(([source = '', target = '']) => ({ type: 'bind' as const, source, target, readOnly: true }))

const echoScript = `
use IO::Socket::INET;
my $socket = IO::Socket::INET->new(Proto => 'udp', LocalPort => shift) or die "no socket: $!";
while (defined(my $from = $socket->recv(my $word, 1500))) { $socket->send($word, 0, $from) }
`

/** Busybox answers no datagrams. Perl is a part of every Debian, and is lent to the container with its libraries. */
function echo(port: number): ReturnType<TestHost['echo']> {
  return { command: ['/usr/bin/perl', '-e', echoScript, String(port)], mounts: lent }
}
