import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { spawn } from '@flotilla/host'
import { fail } from '@flotilla/protocol'
import { foregroundNice } from '../runtime/conmon.ts'
import { shareOfSession } from '../runtime/process.ts'

/**
 * conmon takes input from a SEQPACKET socket, which Node cannot open. This little relay stands between: it listens on a
 * stream socket for frames (one byte: 0 data, 1 end of input; four bytes of length, big endian; payload) and passes them on
 * packet by packet. It runs beside conmon and ends with it, so that neither a cut link nor a killed agent closes a standard
 * input. What conmon copies back to it is thrown away as it comes (output is read from the log), or conmon would stall.
 * perl-base is on every Debian and Ubuntu machine.
 */
const relayScript = String.raw`
use strict; use Socket; use Fcntl; use Errno qw(EAGAIN EINTR);
my ($attach, $listen) = @ARGV;
sub nonblocking { fcntl($_[0], F_SETFL, fcntl($_[0], F_GETFL, 0) | O_NONBLOCK) }
socket(my $conmon, AF_UNIX, SOCK_SEQPACKET, 0) or die "socket: $!\n";
connect($conmon, pack_sockaddr_un($attach)) or die "connect: $!\n";
unlink $listen;
umask 0077;
socket(my $server, AF_UNIX, SOCK_STREAM, 0) or die "socket: $!\n";
bind($server, pack_sockaddr_un($listen)) or die "bind: $!\n";
listen($server, 8) or die "listen: $!\n";
nonblocking($_) for $conmon, $server;
$SIG{PIPE} = 'IGNORE';
$SIG{HUP} = 'IGNORE';
syswrite(STDOUT, "ready\n");
close(STDOUT);
my (%clients, @packets, $ended, $turn);
for (;;) {
  my ($read, $write) = ('', '');
  vec($read, fileno($_), 1) = 1 for $conmon, $server;
  if (@packets) { vec($write, fileno($conmon), 1) = 1 }
  else { vec($read, $_, 1) = 1 for keys %clients }
  next if select($read, $write, undef, undef) <= 0;
  if (vec($read, fileno($conmon), 1)) {
    my $got = sysread($conmon, my $dropped, 65536);
    exit 0 if defined $got ? $got == 0 : !($!{EAGAIN} || $!{EINTR});
  }
  if (vec($read, fileno($server), 1) && accept(my $client, $server)) {
    nonblocking($client);
    $clients{fileno($client)} = { socket => $client, bytes => '', turn => $turn++ };
  }
  if (@packets && vec($write, fileno($conmon), 1)) {
    while (@packets) {
      if (defined send($conmon, $packets[0], 0)) { shift @packets; next }
      exit 0 unless $!{EAGAIN} || $!{EINTR};
      last;
    }
    shutdown($conmon, 1) if $ended && !@packets;
  }
  next if @packets;
  # The one who came first is read to his end before the next: what an agent that is gone has written comes before all later.
  for my $fd (sort { $clients{$a}{turn} <=> $clients{$b}{turn} } keys %clients) {
    last if @packets;
    next unless vec($read, $fd, 1);
    my $client = $clients{$fd};
    my $got = sysread($client->{socket}, $client->{bytes}, 65536, length $client->{bytes});
    if (!$got) {
      next if !defined $got && ($!{EAGAIN} || $!{EINTR});
      close($client->{socket}); # by itself it stays open, and who waits for its end waits for ever
      delete $clients{$fd};
      next;
    }
    while (length $client->{bytes} >= 5) {
      my ($type, $size) = unpack('CN', $client->{bytes});
      exit 1 if $size > 65536;
      last if length $client->{bytes} < 5 + $size;
      my $data = substr($client->{bytes}, 5, $size);
      substr($client->{bytes}, 0, 5 + $size) = '';
      next if $ended;
      if ($type == 1) { $ended = 1; shutdown($conmon, 1) unless @packets; next }
      push @packets, substr($data, 0, 8000, '') while length $data;
    }
  }
}
`

const largestFrame = 32 * 1024
const startMs = 10_000

/** The way to a session's standard input; opened at the first need, and again after it was closed. */
export class InputRelay {
  readonly #folder: string
  #socket: Promise<Socket> | undefined
  /** Settles when all that was written before the last close has been read. */
  #flushed: Promise<unknown> = Promise.resolve()

  /** `folder`: conmon's own. */
  constructor(folder: string) {
    this.#folder = folder
  }

  /** Answers when there is room for more. What comes after the session's end is dropped, as a terminal does. */
  async write(data: Uint8Array): Promise<void> {
    for (let at = 0; at < data.length; at += largestFrame) await this.#send(0, data.subarray(at, at + largestFrame))
  }

  /** Closes the standard input of a session without a terminal. */
  async end(): Promise<void> {
    await this.#send(1, new Uint8Array())
  }

  /** What was written before still arrives. */
  close(): void {
    if (this.#socket === undefined) return
    this.#flushed = ending(this.#socket)
    this.#socket = undefined
  }

  async #send(type: number, payload: Uint8Array): Promise<void> {
    this.#socket ??= this.#open()
    const socket = await this.#socket
    if (socket.destroyed) return
    const frame = Buffer.allocUnsafe(5 + payload.length)
    frame.writeUInt8(type, 0)
    frame.writeUInt32BE(payload.length, 1)
    frame.set(payload, 5)
    // Taken by the kernel, so that it arrives whatever becomes of this process; an error is the session's end, told by its exit.
    await new Promise<void>((resolve) => socket.write(frame, () => resolve()))
  }

  async #open(): Promise<Socket> {
    await this.#flushed
    const path = join(this.#folder, 'in')
    try {
      return await dial(path)
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code
      if (code !== 'ENOENT' && code !== 'ECONNREFUSED') throw error
    }
    await startRelay(join(this.#folder, 'attach'), path)
    return dial(path)
  }
}

/** Ends the connection and answers when it is gone, which the relay does to it when it has read all. */
async function ending(opening: Promise<Socket> | undefined): Promise<void> {
  const socket = await opening?.catch(() => undefined) // it never came to be, which `write` has told
  if (socket === undefined || socket.destroyed) return
  socket.end()
  await new Promise<void>((resolve) => socket.once('close', () => resolve()))
}

function dial(path: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(path)
    socket.once('error', reject)
    socket.once('connect', () => {
      socket.off('error', reject)
      socket.on('error', () => socket.destroy()) // the session has ended; its exit is told by the attach
      socket.resume() // nothing comes, and its end has to be seen
      resolve(socket)
    })
  })
}

function startRelay(attach: string, listen: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(['perl', '-e', relayScript, attach, listen], {
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    })
    let errors = ''
    const finish = (then: () => void) => {
      clearTimeout(timer)
      child.stdout?.destroy()
      child.stderr?.destroy()
      child.unref()
      then()
    }
    const giveUp = (detail: string) => finish(() => reject(fail('session.noInput', {}, { detail })))
    const timer = setTimeout(() => {
      child.kill('SIGKILL')
      giveUp('perl did not start in time')
    }, startMs)
    child.stderr?.on('data', (chunk: Buffer) => {
      if (errors.length < 4000) errors += chunk.toString()
    })
    child.stdout?.once('data', () => {
      if (child.pid !== undefined) void shareOfSession(child.pid, foregroundNice).catch(() => {}) // it works as it is
      finish(resolve)
    })
    child.once('error', (error) => giveUp(error.message))
    child.once('exit', (code) => giveUp(`perl ended with ${code}: ${errors}`))
  })
}
